import { isMapping, parseJson } from "../../contract/fields.ts";
import { GATEWAY_ROOT } from "../../contract/gateways.ts";
import type { RequestLine } from "../../local/mod.ts";
import { printable } from "../../terminal/safe_text.ts";
import type { Context } from "../context.ts";
import { shownPath } from "./request_path.ts";

const MAX_LINES = 20;

/** The failed calls of a local Arcade, which are listed when it stops. */
export class FailedCalls {
  readonly #lines: string[] = [];
  #count = 0;

  /** Notes a request if it has failed. */
  request({ method, path, status }: RequestLine): void {
    if (status < 400) return;
    this.#add(`${method} ${shownPath(path)} ${status}`);
  }

  /** Notes the response of a failed tool call, without the tool's message, which can contain values. */
  async answer({ pathname }: URL, response: Response): Promise<void> {
    const isGateway = pathname.startsWith(`${GATEWAY_ROOT}/`);
    if (!response.ok || !isGateway && !/\/tools\/execute$/.test(pathname)) return;
    const answer = parseJson(await response.clone().text());
    if (!isMapping(answer)) return;
    const { result } = answer;
    const hasFailed = isGateway
      ? isMapping(result) && result.isError === true
      : answer.success === false;
    if (!hasFailed) return;
    const { error } = isMapping(answer.output) ? answer.output : {};
    const kind = isMapping(error) ? error.kind : undefined;
    const isKind = typeof kind === "string" && /^[A-Z_]{1,60}$/.test(kind);
    this.#add(
      `POST ${shownPath(pathname)} ${response.status}, the tool failed${isKind ? `: ${kind}` : ""}`,
    );
  }

  /** Writes a line for each of them. If there are too many, the last line counts the rest. */
  writeTo({ stderr }: Context["io"]): void {
    const shown = this.#count > MAX_LINES ? MAX_LINES - 1 : MAX_LINES;
    for (const line of this.#lines.slice(0, shown)) stderr.write(`Failed call: ${line}\n`);
    if (this.#count > shown) stderr.write(`And ${this.#count - shown} more failed calls\n`);
  }

  #add(line: string): void {
    this.#count++;
    if (this.#lines.length < MAX_LINES) this.#lines.push(printable(line));
  }
}
