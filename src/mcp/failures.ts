/** Failures of MCP servers, for the user. */

import { ProtocolError, SdkError, SdkErrorCode, SdkHttpError } from "@modelcontextprotocol/client";
import { Failure, kindOfStatus } from "../failure.ts";
import type { Peer } from "./peer.ts";

/** The longest text of a server in a message. */
const MAX_SAID = 2000;

/**
 * The failure for an error of the client.
 *
 * @param what the request: `tools/list`.
 * @returns the reason of the signal, if that is aborted, or a {@link Failure}: of kind `network` without an answer, `login` or
 * `forbidden` for a server that requires a login, `server` for one that refuses, with its code as `reason`, or sends an invalid response.
 */
export function failureOf(
  error: unknown,
  what: string,
  { signal, answerMs, peer }: {
    readonly signal: AbortSignal;
    readonly answerMs: number;
    readonly peer: Peer;
  },
): unknown {
  if (signal.aborted) return signal.reason;
  const known = failureIn(error);
  if (known) return known;
  if (error instanceof ProtocolError) {
    const said = error.message.slice(0, MAX_SAID).replace(/\s+/g, " ").trim().replace(/\.$/, "");
    return new Failure("server", `${peer.name} refused ${what}: ${said} (${error.code})`, {
      report: "An MCP server refused a request",
      reason: String(error.code),
      cause: error,
    });
  }
  if (error instanceof SdkHttpError) return httpFailure(error, peer);
  const ended = peer.failure();
  if (ended) return ended;
  const code = error instanceof SdkError ? error.code : undefined;
  if (code === SdkErrorCode.RequestTimeout) {
    return new Failure(
      "network",
      `${peer.name} did not answer ${what} within ${answerMs / 1000} s`,
      {
        next: "Increase ARCADE_TIMEOUT_SECONDS to wait longer",
        report: "An MCP server did not answer in time",
        cause: error,
      },
    );
  }
  if (code === SdkErrorCode.ConnectionClosed || code === SdkErrorCode.NotConnected) {
    return new Failure("network", `${peer.name} closed the connection during ${what}`, {
      next: "Its log may say why",
      report: "An MCP server closed the connection",
      cause: error,
    });
  }
  return new Failure("server", `${peer.name} answered ${what} in an unknown format`, {
    next: "Check that it is an MCP server",
    report: "An MCP server answered in an unknown format",
    cause: error,
  });
}

/** The failure that an error was made from. */
function failureIn(error: unknown): Failure | undefined {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 8; depth++) {
    if (cause instanceof Failure) return cause;
    cause = cause.cause;
  }
}

function httpFailure(error: SdkHttpError, { name }: Peer): Failure {
  const { status } = error;
  const options = { status, cause: error, report: `An MCP server answered with ${status}` };
  if (status === 401 || status === 403) {
    const [kind, what] = status === 401
      ? ["login", "wants a login"] as const
      : ["forbidden", "does not allow this"] as const;
    return new Failure(kind, `${name} ${what} (${status})`, {
      ...options,
      next: "Start it without authentication on this machine, or deploy it with `arcade deploy`",
    });
  }
  const next = status === 404 || status === 405
    ? "Check the path of the address, which is usually /mcp"
    : "Check that it is an MCP server, and its log";
  return new Failure(kindOfStatus(status), `${name} answered with ${status}`, { ...options, next });
}
