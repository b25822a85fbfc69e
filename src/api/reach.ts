/** Which servers may receive a token. Loads local_peer.ts only for the tokens of a local Arcade. */

import { Failure } from "../failure.ts";
import type { LoginAt } from "../files/proven_logins.ts";
import { runningFolder } from "../files/arcade_folder.ts";
import { mayExist } from "../files/private_file.ts";
import { isLoopback } from "../hosts/address.ts";
import type { Sensitive } from "../secrecy/sensitive.ts";
import type { HttpContext } from "./exchange.ts";
import type { PeerContext, PeerPlace } from "./local_peer.ts";

/**
 * Requests with the tokens of a login. If a local Arcade proved its identity at login, its tokens go only to that
 * one.
 *
 * @param namedEngine an engine that the command line names, which is reached directly.
 * @throws {Failure} of kind `network` when that local Arcade is not registered.
 */
export async function httpOfLogin(
  context: PeerContext,
  login: LoginAt,
  namedEngine?: string,
): Promise<HttpContext> {
  const address = await provenAddress(context.files, login);
  if (address === undefined) return context.http;
  const { throughPeer } = await import("./local_peer.ts");
  return throughPeer(context, address, namedEngine);
}

/**
 * Checks that the local Arcade of a login runs, before a program that knows only its port gets the address.
 *
 * @throws {Failure} of kind `network` when it does not run, because another program could listen there.
 */
export async function requireRunning(
  context: PeerContext,
  login: LoginAt,
): Promise<void> {
  const address = await provenAddress(context.files, login);
  if (address === undefined) return;
  const { requirePeer } = await import("./local_peer.ts");
  await requirePeer(context, address);
}

/** The address of the local Arcade that proved itself to a login; undefined for other logins. */
async function provenAddress(files: PeerPlace, login: LoginAt): Promise<string | undefined> {
  const { coordinatorUrl: address } = login;
  if (address === undefined || !isLoopback(new URL(address).hostname)) return undefined;
  const folder = files.folder();
  if (!mayExist(runningFolder(folder))) return undefined; // no local Arcade was ever registered
  const { isProven } = await import("../files/proven_logins.ts");
  return isProven(folder, login) ? address : undefined;
}

/** The tokens and keys that only local Arcades issue. */
const LOCAL_TOKEN = /^(?:arcl_[a-z]{2}|arc_local)_/;

/**
 * Requests with a token that does not come from a login. The tokens of local Arcades go only to a registered one.
 *
 * @param to.address the address of the service, without a final slash.
 * @param to.source what the token comes from, for the error.
 * @throws {Failure} of kind `login` when no local Arcade is registered there.
 */
export async function httpOfToken(
  context: PeerContext,
  token: Sensitive,
  { address, source }: { readonly address: string; readonly source: string },
): Promise<HttpContext> {
  if (!LOCAL_TOKEN.test(token.reveal())) return context.http;
  const { findPeer, throughPeer } = await import("./local_peer.ts");
  if (findPeer(context.files, address)) return throughPeer(context, address);
  throw new Failure(
    "login",
    `${source} is for a local Arcade, and you have none running at ${address}`,
    {
      next:
        "Start it with `arcade local serve`, or set the variables that `arcade local env` prints",
    },
  );
}
