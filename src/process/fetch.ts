/** Requests that leave this machine, or use TLS: through the right proxy, and with all certificates. Loaded on demand. */

import { endpointOf } from "../hosts/address.ts";
import type { Route } from "../api/network_failure.ts";
import { type Certificates, readCertificates, storesOf, trustOf } from "../system/certificates.ts";
import { Failure } from "../failure.ts";
import { notAProxy, type Proxy, proxyFor } from "../system/proxies.ts";
import type { Environment } from "../contract/variables.ts";

/**
 * `fetch` with the proxies and the certificates that the environment names.
 *
 * @param options.excluded the hosts that need no proxy.
 * @param options.warn called once for each file whose certificates cannot be used.
 * @returns a function whose errors are {@link Failure}s that say what failed: the service, the proxy, or a certificate.
 */
export function processFetch(
  env: Environment,
  { excluded, warn }: { readonly excluded: string; readonly warn: (line: string) => void },
): typeof fetch {
  const clients = new Map<string, Deno.HttpClient>();
  let certificates: Certificates | undefined;
  const load = (): Certificates => {
    const { client, ...loaded } = loadCertificates(env, warn);
    if (client) clients.set("", client);
    return loaded;
  };
  const clientFor = (proxy: Proxy | undefined, texts: readonly string[]): Deno.HttpClient => {
    const key = proxy?.variable ?? "";
    const client = clients.get(key) ?? createClient(proxy, texts);
    clients.set(key, client);
    return client;
  };
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const proxy = proxyFor(env, url, excluded);
    const { texts, unusable } = certificates ??= load();
    const client = clientFor(proxy, texts);
    const response = await fetch(input, { ...init, client }).catch(async (error: unknown) => {
      const { networkFailure } = await import("../api/network_failure.ts");
      const signal = init?.signal ?? undefined;
      const route: Route = { proxy, unusable };
      const ofProxy = proxy && await proxyError(proxy, texts, signal);
      throw ofProxy === undefined
        ? networkFailure(url.href, signal, error, route)
        : networkFailure(url.href, signal, ofProxy, { ...route, isProxyTls: true });
    });
    if (!proxy || url.protocol !== "http:" || !PROXY_STATUSES.has(response.status)) return response;
    await response.body?.cancel();
    const { proxyStatusFailure } = await import("../api/network_failure.ts");
    throw proxyStatusFailure(url.href, proxy, response.status);
  };
}

/** A proxy's own response to a request without TLS. */
const PROXY_STATUSES = new Set([407, 502, 503, 504]);

function createClient(proxy: Proxy | undefined, caCerts: readonly string[]): Deno.HttpClient {
  if (!proxy) return Deno.createHttpClient({ caCerts: [...caCerts] });
  const { address: url, user } = proxy;
  try {
    return Deno.createHttpClient({
      caCerts: [...caCerts],
      proxy: { url, ...(user && { basicAuth: user }) },
    });
  } catch (error) {
    throw notAProxy(proxy.variable, error);
  }
}

/**
 * Loads the certificates; the runtime loads its own part with the first client.
 *
 * @returns also the client that accepted them all, because making another one takes a millisecond; undefined if some cannot be
 * used.
 */
function loadCertificates(
  env: Environment,
  warn: (line: string) => void,
): Certificates & { readonly client: Deno.HttpClient | undefined } {
  if (!storesOf(env).every((store) => store === "mozilla" || store === "system")) {
    throw new Failure("usage", "DENO_TLS_CA_STORE: expected mozilla, system, or both", {
      next: "Set it to mozilla,system, for example, or unset it",
    });
  }
  const trust = trustOf(env);
  if (trust.stores !== (env.DENO_TLS_CA_STORE ?? "mozilla")) {
    Deno.env.set("DENO_TLS_CA_STORE", trust.stores);
  }
  // The runtime would read this file too, and fail if it cannot be used. The process of telemetry can no longer change it.
  const hidesFile = env.DENO_CERT !== undefined &&
    Deno.permissions.querySync({ name: "env", variable: "DENO_CERT" }).state === "granted";
  if (hidesFile) Deno.env.delete("DENO_CERT");
  let client: Deno.HttpClient | undefined;
  let isWhole = true;
  const certificates = readCertificates(env, trust, (texts) => {
    try {
      const accepting = createClient(undefined, texts);
      if (isWhole) client = accepting;
      else accepting.close();
      return true;
    } catch {
      return false; // the message may quote the text
    } finally {
      isWhole = false; // all texts are tried first, then some of them
    }
  });
  if (hidesFile) Deno.env.set("DENO_CERT", env.DENO_CERT ?? "");
  for (const line of certificates.unusable) warn(line);
  return { ...certificates, client };
}

/**
 * Why TLS with a proxy fails; undefined if it does not. The error of a request does not say whether it was about TLS with the
 * proxy or with the service.
 */
async function proxyError(
  { address }: Proxy,
  caCerts: readonly string[],
  signal: AbortSignal | undefined,
): Promise<unknown> {
  if (!address.startsWith("https:") || signal?.aborted) return undefined;
  const connected = Deno.connectTls({ ...endpointOf(address), caCerts: [...caCerts] });
  const stopped = Promise.withResolvers<undefined>();
  const stop = () => stopped.resolve(undefined);
  signal?.addEventListener("abort", stop);
  try {
    const handshake = connected.then(async (connection) => {
      using _connection = connection;
      await connection.handshake();
      return undefined;
    });
    return await Promise.race([handshake, stopped.promise]);
  } catch (error) {
    return error;
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}
