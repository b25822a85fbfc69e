/** The network of the real process. The code for proxies and certificates loads only for requests that use them. */

import type { Environment } from "../contract/variables.ts";
import { isLoopback } from "../hosts/address.ts";
import { unreadableVariable } from "./environment.ts";
import type { processFetch } from "./fetch.ts";

/**
 * Without this, Deno sends requests to this machine, with their tokens, through a proxy too. It must precede the first one.
 *
 * @returns the hosts that need no proxy.
 */
export function keepLoopbackFromProxies(list: string): string {
  const others = list.toLowerCase().split(",");
  const every = others.some((one) => one.trim() === "*") ? ["0.0.0.0/0", "::/0"] : []; // the runtime's * has no addresses
  const excluded = [...others, ...every, "localhost", "127.0.0.0/8", "::1", "0.0.0.0"]
    .filter((one) => one !== "").join();
  Deno.env.set("NO_PROXY", excluded);
  return excluded;
}

/**
 * `fetch`, which loads the code for proxies and certificates only for requests that use them.
 *
 * @param options.badList the variable with the hosts that need no proxy, if it is not UTF-8 text.
 */
export function lazyFetch(
  env: Environment,
  { badList, ...options }: Parameters<typeof processFetch>[1] & {
    readonly badList: string | undefined;
  },
): typeof fetch {
  let remote: Promise<typeof fetch> | undefined;
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const isPlain = url.protocol === "http:" && isLoopback(url.hostname);
    // The first request loads the certificates of the runtime, whether it needs them or not.
    const hasDefaults = (env.DENO_TLS_CA_STORE ?? "mozilla") === "mozilla" &&
      env.DENO_CERT === undefined;
    const isDecided = init !== undefined && "client" in init; // another way than the network, such as a socket
    if (isDecided || (isPlain && hasDefaults)) return await fetch(input, init);
    if (badList !== undefined && !isLoopback(url.hostname)) throw unreadableVariable(badList);
    remote ??= import("./fetch.ts").then((module) => module.processFetch(env, options));
    return await (await remote)(input, init);
  };
}
