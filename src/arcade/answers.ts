/** Answers of services, parsed. */

import * as v from "valibot";
import { Failure } from "../failure.ts";
import {
  exchange,
  type HttpAnswer,
  type HttpContext,
  type HttpRequest,
  originOf,
  requireSuccess,
} from "./exchange.ts";

/**
 * Sends a request and parses the answer.
 *
 * @throws {Failure} of the kind that fits the status; of kind `server` when the answer is not what was asked for.
 */
export async function requestJson<const S extends v.GenericSchema>(
  context: HttpContext,
  request: HttpRequest,
  schema: S,
): Promise<v.InferOutput<S>> {
  const answer = await exchange(context, request);
  await requireSuccess(request, answer);
  return parseAnswer(request, answer, schema);
}

/** Parses the JSON of an answer. Throws a {@link Failure} of kind `server` when it is not of the right shape. */
export function parseAnswer<const S extends v.GenericSchema>(
  request: HttpRequest,
  answer: HttpAnswer,
  schema: S,
): v.InferOutput<S> {
  const where = originOf(request.url);
  let content: unknown;
  try {
    content = JSON.parse(answer.text);
  } catch {
    const html = /^\s*</.test(answer.text) ||
      /html/i.test(answer.headers.get("content-type") ?? "");
    throw new Failure(
      "server",
      html
        ? `${where} answered with a web page instead of JSON`
        : `${where} answered with broken JSON`,
      { next: "Check the address (--host, --port) and any proxy in between, then try again" },
    );
  }
  const parsed = v.safeParse(schema, content);
  if (parsed.success) return parsed.output;
  const key = parsed.issues[0].path?.map((item) => String(item.key)).join(".");
  throw new Failure(
    "server",
    `${where} answered in an unknown shape${key ? ` (${key} is missing or wrong)` : ""}`,
    { next: "Check that the address is an Arcade service, and that this arcade is up to date" },
  );
}
