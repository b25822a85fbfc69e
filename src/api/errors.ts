/** Failures for responses of services; loaded only when a request fails. */

import { Failure, kindOfStatus } from "../failure.ts";
import { readErrorMessage, readErrorName } from "../contract/errors.ts";
import { parseJson, readJson } from "../contract/fields.ts";
import { readChallenge, type StrongAuthentication } from "./challenge.ts";
import { redact } from "../secrecy/redaction.ts";
import {
  type Hints,
  type HttpAnswer,
  type HttpRequest,
  originOf,
  retryAfterMs,
} from "./http_message.ts";

/** The failure for an HTTP status, with the message of the server. */
export function statusFailure(
  request: HttpRequest,
  answer: HttpAnswer,
  { renewal = "Log in again", sameContext = "", projectFrom }: Hints = {},
): Failure {
  const { status } = answer;
  const where = originOf(request.url);
  const said = serverMessage(answer);
  const because = said ? `: ${said}` : "";
  const known = { status, reason: readErrorName(parseJson(answer.text)) };
  switch (status) {
    case 401: {
      const strong = readChallenge(answer.headers);
      if (strong) return strongAuthenticationFailure(strong, renewal);
      return new Failure("login", `${where} rejected the token (401)${because}`, {
        ...known,
        next: renewal,
      });
    }
    case 403:
      return new Failure("forbidden", `${where} does not allow this (403)${because}`, {
        ...known,
        next: "Ask an administrator of the organization, or " +
          (projectFrom === undefined
            ? `choose another with \`arcade org set${sameContext}\``
            : `change ${projectFrom}`),
      });
    case 404:
      return new Failure("not-found", `${where}: not found (404)${because}`, {
        ...known,
        next: "Check the address and " +
          (projectFrom ?? `the active project with \`arcade whoami${sameContext}\``),
      });
    case 409:
      return new Failure("server", `${where} reports a conflict (409)${because}`, {
        ...known,
        next: "Someone else may have changed the same thing; check and try again",
      });
    case 413:
      return new Failure("server", `${where} does not accept this much (413)${because}`, {
        ...known,
        next: "Send less; for a deployment, `--dry-run` lists the largest files",
      });
    case 422:
      return new Failure("server", `${where} rejected the input (422)${because}`, {
        ...known,
        next: "Correct the name or value, then try again",
      });
    case 429: {
      const seconds = Math.max(1, Math.ceil((retryAfterMs(answer) ?? 60_000) / 1000));
      return new Failure("server", `${where}: too many requests (429)${because}`, {
        ...known,
        next: `Wait ${seconds} s and try again`,
      });
    }
    default:
      return new Failure(kindOfStatus(status), `${where} failed (${status})${because}`, {
        ...known,
        next: kindOfStatus(status) === "network"
          ? "Try again in a moment"
          : "Run again with `--debug` to see the exchange",
      });
  }
}

/** The failure for a 2xx response that is not an event stream, with the server's message. */
export function noStreamFailure({ url }: HttpRequest, answer: HttpAnswer): Failure {
  const said = serverMessage(answer);
  return new Failure(
    "server",
    `${originOf(url)} did not answer with an event stream${said ? `: ${said}` : ""}`,
    { next: "Try again in a moment; `--debug` shows the exchange" },
  );
}

/**
 * The failure for a login that is not strong enough for the organization (RFC 9470).
 *
 * @param renewal the next step with a stronger one.
 */
export function strongAuthenticationFailure(
  { description, uri }: Partial<StrongAuthentication>,
  renewal: string,
): Failure {
  const told = description === undefined ? "" : shownText(description);
  return new Failure(
    "login",
    told || "The organization requires a login with a passkey or an authenticator app",
    {
      next: `Set one up in your account settings, then ${withSmallLetter(renewal)}` +
        (uri === undefined ? "" : `. Learn more: ${redact(uri) ?? "ask your administrator"}`),
    },
  );
}

function withSmallLetter(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}

/** The failure for a redirect to another server. `target` is null when it is not an address. */
export function redirectFailure(
  url: string,
  target: URL | null,
  { status }: { readonly status: number },
): Failure {
  const where = !target ? "nowhere" : target.origin === "null" // as of file:
    ? `an address that begins with ${target.protocol}`
    : redact(target.origin) ?? "another server";
  return new Failure("network", `${originOf(url)} redirects to ${where}, which was not followed`, {
    status,
    next:
      "If your network or VPN requires a login, open a browser; if that is the right server, use its " +
      "address",
  });
}

/** The maximum length of a server message that is shown. */
export const MAX_SAID = 300;
/** The maximum length that is searched for tokens and values before it is shortened. */
const MAX_SEARCHED = 4 * MAX_SAID;

function serverMessage(answer: HttpAnswer): string {
  try {
    return shownText(readErrorMessage(readJson(answer.text)) ?? "");
  } catch {
    const isText = /^text\/plain\b/i.test(answer.headers.get("content-type") ?? "");
    return isText ? shownText(answer.text) : "";
  }
}

/** A text from a server, redacted and shortened. */
function shownText(text: string): string {
  // Shorten first, to bound the search; the finder recognizes a truncated value by its parts.
  const shown = redact(text.slice(0, MAX_SEARCHED)) ?? "";
  return shown.replace(/\s+/g, " ").trim().slice(0, MAX_SAID).replace(/\.$/, "");
}
