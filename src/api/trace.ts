import { readJson } from "../contract/fields.ts";
import { redact } from "../secrecy/redaction.ts";
import { fieldsOf, type HttpAnswer, type HttpRequest } from "./http_message.ts";
import { maskJson, maskUrl } from "./mask.ts";

/** Shows HTTP exchanges line by line. */
export interface Tracer {
  readonly request: (request: HttpRequest) => void;
  readonly answer: (answer: HttpAnswer, milliseconds: number) => void;
}

/** Traces HTTP exchanges for `--debug`, without tokens and values. */
export function tracerTo(trace: (line: string) => void): Tracer {
  return {
    request(request) {
      trace(`> ${request.method} ${maskUrl(request.url)}`);
      if (request.bearer) trace(">   authorization: Bearer ***");
      const fields = fieldsOf(request);
      if (fields) trace(`>   ${maskJson(fields)}`);
    },
    answer({ status, headers, text }, milliseconds) {
      trace(`< ${status} in ${Math.round(milliseconds)} ms`);
      if (text === "") return;
      try {
        trace(`<   ${maskJson(readJson(text))}`);
      } catch {
        const type = redact(headers.get("content-type") ?? "no content type") ?? "***";
        trace(`<   ${text.length} characters, ${type}`);
      }
    },
  };
}
