/** Failures of HTTP exchanges as sentences; loaded when one fails. */

import * as v from "valibot";
import { Failure } from "../failure.ts";
import { redact } from "../redaction.ts";
import { type HttpAnswer, type HttpRequest, originOf, retryAfterMs } from "./exchange.ts";

/**
 * The failure that a status stands for, with what the server says about it.
 *
 * @param options.renewal what to do about a token that is not accepted.
 */
export function statusFailure(
  request: HttpRequest,
  answer: HttpAnswer,
  { renewal = "Log in again: arcade logout, then arcade login" } = {},
): Failure {
  const { status } = answer;
  const where = originOf(request.url);
  const said = serverMessage(answer);
  const because = said ? `: ${said}` : "";
  switch (status) {
    case 401:
      return new Failure("login", `${where} does not accept the token (401)${because}`, {
        next: renewal,
      });
    case 403:
      return new Failure("forbidden", `${where} does not allow this (403)${because}`, {
        next: "Ask an administrator of the organization, or choose another with arcade org set",
      });
    case 404:
      return new Failure("not-found", `${where} does not know it (404)${because}`, {
        next: "Check the address and the active project: arcade whoami",
      });
    case 409:
      return new Failure("server", `${where} reports a conflict (409)${because}`, {
        next: "Somebody else may have changed the same thing; look and try again",
      });
    case 422:
      return new Failure("server", `${where} refuses the input (422)${because}`, {
        next: "Correct the name or the value and try again",
      });
    case 429: {
      const seconds = Math.ceil((retryAfterMs(answer) ?? 60_000) / 1000);
      return new Failure("server", `${where} asks to slow down (429)${because}`, {
        next: `Wait ${seconds} s and try again`,
      });
    }
    default:
      return new Failure("server", `${where} failed (${status})${because}`, {
        next: status >= 500
          ? "Try again in a moment; if it goes on, see the status of Arcade"
          : "Run again with --debug to see the exchange",
      });
  }
}

/** A redirect to another server. A target of null stands for one that is no address. */
export function redirectFailure(url: string, target: URL | null): Failure {
  const where = target ? redact(originOf(target.href)) ?? "another server" : "nowhere";
  return new Failure("server", `${originOf(url)} redirects to ${where}, which was not followed`, {
    next: "If that is the right place, name it with --host or in the environment",
  });
}

/** What went wrong when no answer came, or not all of one. */
export function networkFailure(url: string, signal: AbortSignal, error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (signal.reason instanceof Failure) return signal.reason;
  const where = originOf(url);
  const whole = error instanceof Error ? `${error.message} ${String(error.cause ?? "")}` : "";
  const details = whole.replace(/https?:\S+/g, ""); // a host may be called ssl.example
  const [what, next] = /dns error|lookup address|resolve/i.test(details)
    ? ["its name is not known", "Check the spelling of the host and the network"]
    : /connection refused|ECONNREFUSED/i.test(details)
    ? ["the connection was refused", "Check that it runs and that the port is right"]
    : /certificate|tls|ssl|InvalidContentType|corrupt message/i.test(details)
    ? ["TLS failed", "Use --no-tls for a server without it, and check the certificate otherwise"]
    : /body|incomplete|unexpected end|closed before|reset|EOF/i.test(details)
    ? ["the connection broke off", "Try again"]
    : ["the network refused", "Check the network, then try again"];
  return new Failure("network", `Cannot reach ${where}: ${what}`, { next, cause: error });
}

/** How many characters of what a server says are shown. */
export const MAX_SAID = 300;
/** So much of it is searched for tokens and values, and shown in part. */
const MAX_SEARCHED = 4 * MAX_SAID;

const ServerMessage = v.union([
  v.object({ message: v.string() }),
  v.object({ detail: v.string() }),
  v.object({ error_description: v.string() }),
  v.object({ error: v.string() }),
  v.object({ error: v.object({ message: v.string() }) }),
  v.object({ detail: v.pipe(v.array(v.object({ msg: v.string() })), v.minLength(1)) }),
]);

function serverMessage(answer: HttpAnswer): string {
  let content: unknown;
  try {
    content = JSON.parse(answer.text);
  } catch {
    return "";
  }
  const parsed = v.safeParse(ServerMessage, content);
  if (!parsed.success) return "";
  const said = parsed.output;
  const text = "message" in said
    ? said.message
    : "error_description" in said
    ? said.error_description
    : "detail" in said
    ? typeof said.detail === "string" ? said.detail : said.detail.map(({ msg }) => msg).join("; ")
    : typeof said.error === "string"
    ? said.error
    : said.error.message;
  // Cut first: what is looked through is bounded, and the end of a value is found as a part of it.
  const shown = redact(text.slice(0, MAX_SEARCHED)) ?? "";
  return shown.trim().replace(/\.$/, "").slice(0, MAX_SAID);
}
