/** Parses service responses into types. */

import { Failure } from "../failure.ts";
import { Fields, InvalidField, isMapping, readJson } from "../contract/fields.ts";
import { exchange, type HttpContext, requireSuccess } from "./exchange.ts";
import {
  type HttpAnswer,
  type HttpRequest,
  isWebPage,
  originOf,
  webPageFailure,
} from "./http_message.ts";

/**
 * Sends a request and parses the response.
 *
 * @throws {Failure} of the kind that fits the status, and as {@link readAnswer} does.
 */
export async function requestJson<T>(
  context: HttpContext,
  request: HttpRequest,
  read: (answer: Fields) => T,
): Promise<T> {
  const answer = await exchange(context, request);
  await requireSuccess(request, answer);
  return readAnswer(request, answer, read);
}

/** Parses a JSON response. Throws a {@link Failure} of kind `server` when it has an unexpected format. */
export function readAnswer<T>(
  request: HttpRequest,
  answer: HttpAnswer,
  read: (answer: Fields) => T,
): T {
  const content = parseJson(request, answer);
  try {
    if (isMapping(content)) return read(new Fields(content));
  } catch (error) {
    if (error instanceof InvalidField) throw unknownShape(request, ` (${error.message})`);
    throw error;
  }
  throw unknownShape(request, "");
}

function unknownShape(request: HttpRequest, where: string): Failure {
  return new Failure("server", `${originOf(request.url)} answered in an unknown format${where}`, {
    next: "Check that the address is an Arcade service and that arcade is up to date",
  });
}

function parseJson(request: HttpRequest, answer: HttpAnswer): unknown {
  try {
    return readJson(answer.text);
  } catch {
    throw isWebPage(answer)
      ? webPageFailure(request, answer)
      : invalidAnswer(request, "invalid JSON");
  }
}

/** The failure for a response that cannot be parsed. */
export function invalidAnswer(request: HttpRequest, what: string): Failure {
  return new Failure("server", `${originOf(request.url)} answered with ${what}`, {
    next: "Check the address (`--host`, `--port`) and any proxy, then try again",
  });
}
