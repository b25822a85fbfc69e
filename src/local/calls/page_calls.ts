/** Calls that are made on the page of a server. Their results are kept for a while, in memory only, so that the page can show them. */

import { isMapping, type Mapping } from "../../contract/fields.ts";
import type { ToolCallResponse } from "../../contract/tools.ts";
import { hide, redactData, withLines } from "../../secrecy/sensitive.ts";
import type { Secrets } from "../model/secrets.ts";
import type { Call, Calls } from "./calls.ts";
import { CallRefusal } from "./refusal.ts";

/** What became of a call, without the values of the secrets of its project. Long texts have only their beginning. */
export interface CallResult {
  readonly isSuccess: boolean;
  /** The value, or the message of the error. */
  readonly text: string;
  /** How many characters the whole text has, with its hidden values. */
  readonly length: number;
  /** `TOOL_RUNTIME_FATAL`, for example. */
  readonly kind?: string;
  /** What else the error has: a stack trace, for example. */
  readonly details: readonly (readonly [title: string, text: string])[];
  /** The tool's messages while it ran. */
  readonly logs: readonly string[];
}

const KEPT = 20;
const SHOWN_CHARACTERS = 50_000;
const SHOWN_LOGS = 100;
const LOG_CHARACTERS = 2000;

export class PageCalls {
  readonly #calls: Calls;
  readonly #secrets: Secrets;
  readonly #results = new Map<string, CallResult>();

  constructor(calls: Calls, secrets: Secrets) {
    this.#calls = calls;
    this.#secrets = secrets;
  }

  /** Starts a call. `ended` settles when it has ended, in any way. */
  begin(call: Call): { readonly executionId: string; readonly ended: Promise<void> } {
    const { record, answer } = this.#calls.begin({ ...call, isWithStacktrace: true });
    const { executionId } = record;
    const ended = answer.then(
      async (response) => {
        const mask = await this.maskOf(call.projectId);
        this.#keep(executionId, resultOf(response, mask));
      },
      (error) => {
        // Another error may contain stored data.
        const text = error instanceof CallRefusal ? error.message : "Internal error";
        this.#keep(executionId, { isSuccess: false, text, length: text.length, ...NOTHING_ELSE });
      },
    );
    return { executionId, ended };
  }

  resultOf(executionId: string): CallResult | undefined {
    return this.#results.get(executionId);
  }

  /** Hides the values of the secrets of a project in a text, also single lines of them, and the tokens that tools got. */
  async maskOf(projectId: string): Promise<(text: string) => string> {
    const keys = this.#secrets.list(projectId).map(({ key }) => key);
    const values = await Promise.all(keys.map((key) => this.#secrets.valueOf(projectId, key)));
    const texts = values.flatMap((value) => value === undefined ? [] : withLines(value));
    const written = [...new Set(texts.flatMap((text) => [text, JSON.stringify(text).slice(1, -1)]))]
      .sort((a, b) => b.length - a.length);
    return (text) => hide(redactData(text), written);
  }

  #keep(executionId: string, result: CallResult): void {
    const [oldest] = this.#results.keys();
    if (oldest !== undefined && this.#results.size >= KEPT) this.#results.delete(oldest);
    this.#results.set(executionId, result);
  }
}

const NOTHING_ELSE = { details: [], logs: [] };

function resultOf(
  { output, success }: ToolCallResponse,
  mask: (text: string) => string,
): CallResult {
  const { error, value, authorization, logs } = output ?? {};
  const cut = (text: string) => mask(text).slice(0, SHOWN_CHARACTERS);
  const whole = (text: string) => {
    const masked = mask(text);
    return { text: masked.slice(0, SHOWN_CHARACTERS), length: masked.length };
  };
  const common = {
    isSuccess: success,
    logs: (Array.isArray(logs) ? logs : []).slice(0, SHOWN_LOGS)
      .map((log) => isMapping(log) ? `${log.level ?? ""} ${log.message ?? ""}`.trim() : "")
      .map((log) => cut(log).slice(0, LOG_CHARACTERS)),
  };
  if (isMapping(error)) {
    const message = typeof error.message === "string" ? error.message : "The tool failed";
    const kind = typeof error.kind === "string" ? { kind: cut(error.kind) } : {};
    const details = detailsOf(error).map(([title, text]) => [title, cut(text)] as const);
    return { ...common, ...whole(message), ...kind, details };
  }
  const text = textOf(isMapping(authorization) ? authorization : value ?? null);
  return { ...common, ...whole(text), details: [] };
}

function detailsOf(error: Mapping): [title: string, text: string][] {
  const titles = {
    developer_message: "For developers",
    additional_prompt_content: "For the model",
    stacktrace: "Stack trace",
  };
  return Object.entries(titles).flatMap(([name, title]) => {
    const text = error[name];
    return typeof text === "string" && text !== "" ? [[title, text]] : [];
  });
}

/** A text as it is, and other values as JSON: indented, unless that could make it many times longer. */
function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  const json = JSON.stringify(value);
  return json.length > SHOWN_CHARACTERS ? json : JSON.stringify(value, null, 2);
}
