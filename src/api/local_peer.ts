/**
 * Requests to a registered local Arcade (docs/security.md, Local Arcade). They go through its Unix
 * socket, which no other user can replace. Without a socket, the local Arcade first proves its identity.
 */

import { Failure } from "../failure.ts";
import { PROOF_PATH, proofOf, readRunning, type RunningArcade } from "../files/running.ts";
import { endpointOf, isLoopback } from "../hosts/address.ts";
import { readAnswer } from "../system/read_bounded.ts";
import type { HttpContext } from "./exchange.ts";
import { socketClient } from "./socket_client.ts";

/** Where registrations are looked up. */
export interface PeerPlace {
  /** The Arcade folder. Throws a {@link Failure} when it is unknown. */
  readonly folder: () => string;
}

/** Requests, and where registrations are looked up for them. */
export interface PeerContext {
  readonly http: HttpContext;
  readonly files: PeerPlace;
}

/** The local Arcade that is registered for an address of this machine. Throws as {@link readRunning} does. */
export function findPeer({ folder }: PeerPlace, address: string): RunningArcade | undefined {
  const { protocol, hostname } = new URL(address);
  const mayBe = protocol === "http:" && isLoopback(hostname); // it has no TLS
  return mayBe ? readRunning(folder(), endpointOf(address).port) : undefined;
}

/**
 * Requests that go only to the local Arcade at an address.
 *
 * @param namedEngine the one exception: an engine that the command line names.
 */
export function throughPeer(
  { http, files }: PeerContext,
  address: string,
  namedEngine?: string,
): HttpContext {
  const peer = findPeer(files, address);
  const isElsewhere = (url: URL) =>
    namedEngine !== undefined && url.origin === new URL(namedEngine).origin &&
    !isAt(address, url);
  const fetchPeer = peer && fetchFrom(peer, http.fetch);
  return {
    ...http,
    fetch: async (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input);
      if (isElsewhere(url)) return await http.fetch(input, init);
      if (!fetchPeer) throw notRunning(address);
      return await fetchPeer(input, init);
    },
  };
}

/** Requests to log in at an address, and whether a local Arcade proves itself there. */
export async function reach(
  context: PeerContext,
  address: string,
): Promise<{ readonly http: HttpContext; readonly isProven: boolean }> {
  const { http, files } = context;
  const peer = findPeer(files, address);
  return peer && await answers(http, peer)
    ? { http: throughPeer(context, address), isProven: true }
    : { http, isProven: false };
}

/** Throws a {@link Failure} of kind `network` when no local Arcade of the user runs at an address. */
export async function requirePeer({ http, files }: PeerContext, address: string): Promise<void> {
  const peer = findPeer(files, address);
  if (!peer || !await answers(http, peer)) throw notRunning(address);
}

/**
 * Whether a registered local Arcade runs. A killed one leaves its registration.
 *
 * @throws {Failure} of kind `network` when that is not clear, because its tokens must not go to another program then.
 */
export async function answers(http: HttpContext, peer: RunningArcade): Promise<boolean> {
  try {
    if (peer.socket === undefined) await prove(peer, http.fetch);
    else (await Deno.connect({ transport: "unix", path: peer.socket })).close();
    return true;
  } catch (error) {
    const isGone = error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.ConnectionRefused ||
      error instanceof Deno.errors.ConnectionReset || // it has just stopped listening
      peer.socket === undefined;
    if (isGone) return false;
    throw notRunning(peer.address, error);
  }
}

function fetchFrom(peer: RunningArcade, plainFetch: typeof fetch): typeof fetch {
  const { address, socket } = peer;
  let proof: Promise<void> | undefined;
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (!isAt(address, url)) {
      throw new Failure(
        "login",
        `The tokens of the local Arcade at ${address} are not sent anywhere else`,
        {
          next: `Log in there with \`arcade login --url ${url.origin}\`, or leave out the address`,
        },
      );
    }
    try {
      if (socket !== undefined) {
        return await plainFetch(input, { ...init, client: socketClient(socket) });
      }
      await (proof ??= prove(peer, plainFetch));
      return await plainFetch(input, init);
    } catch (error) {
      // Aborted requests have their own reason.
      throw error instanceof TypeError && !init?.signal?.aborted
        ? notRunning(address, error)
        : error;
    }
  };
}

/** Whether a URL is at the port of a local Arcade, which has one port for all names of this machine. */
function isAt(address: string, url: URL): boolean {
  return isLoopback(url.hostname) && endpointOf(url).port === endpointOf(address).port;
}

/** Longer than any proof. */
const MAX_PROOF = 1024;

async function prove(peer: RunningArcade, plainFetch: typeof fetch): Promise<void> {
  const nonce = crypto.randomUUID();
  const answer = await plainFetch(`${peer.address}${PROOF_PATH}?nonce=${nonce}`, {
    redirect: "manual",
    signal: AbortSignal.timeout(PROOF_MS),
  });
  const another = () =>
    new Failure("network", `Another program listens at ${peer.address}`, {
      next: "Stop it, then start the local Arcade again with `arcade local serve`",
    });
  const bytes = await readAnswer(answer, {
    maxBytes: MAX_PROOF,
    tooLarge: another,
  });
  if (!answer.ok || new TextDecoder().decode(bytes) !== await proofOf(peer, nonce)) throw another();
}

/** A local Arcade answers within milliseconds. */
const PROOF_MS = 5000;

function notRunning(address: string, cause?: unknown): Failure {
  return new Failure("network", `You have no local Arcade running at ${address}`, {
    next: `Start it with \`arcade local serve --port ${endpointOf(address).port}\`, ` +
      "or log in again with `arcade login --local`",
    cause,
  });
}
