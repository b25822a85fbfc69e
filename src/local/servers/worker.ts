/** Requests to a running server (docs/contracts.md, Project servers). */

import { readAnswer } from "../../system/read_bounded.ts";
import { withDeadline } from "../../system/waiting.ts";
import { Failure } from "../../failure.ts";
import { readJson } from "../../contract/fields.ts";
import type { ToolResponse } from "../../contract/tools.ts";
import {
  readWorkerCall,
  readWorkerTools,
  type WorkerCallRequest,
  type WorkerCallResponse,
} from "../../contract/worker.ts";
import type { OwnPort } from "../../system/own_port.ts";
import { readWorkerTool } from "./tool.ts";
import { workerToken } from "./worker_token.ts";

const HEALTH_MS = 2000;
const TOOLS_MS = 10_000;
/** How long a tool may take. */
const CALL_MS = 300_000;
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/** The error for a server that does not answer, or breaks the contract. The message is for the user. */
export class WorkerError extends Error {
  override readonly name = "WorkerError";
  /** What it does: it does not answer at all, or not in time, or not in the form of the contract, or with an error. */
  readonly problem: "unreachable" | "timeout" | "unmapped" | "refused";
  /** The status of its answer. */
  readonly status: number | undefined;
  /** Whether no connection was made, so that the server has not received the request. */
  readonly isUnsent: boolean;

  constructor(
    problem: WorkerError["problem"],
    message: string,
    { status, ...options }: ErrorOptions & { status?: number } = {},
  ) {
    super(message, options);
    this.problem = problem;
    this.status = status;
    const { cause } = options;
    // Newer runtimes have the details in the cause.
    const details = cause instanceof Error ? `${cause.message} ${String(cause.cause ?? "")}` : "";
    this.isUnsent = problem === "unreachable" && NO_CONNECTION.test(details);
  }
}

/** What runtimes and {@linkcode OwnPort} say then. */
const NO_CONNECTION = /\(Connect\)|Connection refused|port \d+ are blocked/;

/** How often a server that starts is asked. */
const POLL_MS = 200;

/**
 * Polls the health of a starting server until it is healthy or has failed.
 *
 * @param options.ask returns the status of an answer; undefined while nothing answers.
 * @param options.signal aborted when the server has ended; this rejects with its reason then.
 * @returns 200 when it is healthy, a status that means that it has no worker routes however long it runs, or undefined when it
 * was not healthy in time.
 */
export async function healthInTime({ ask, limitMs, pollMs = POLL_MS, elapsedMs, sleep, signal }: {
  readonly ask: () => Promise<number | undefined>;
  readonly limitMs: number;
  readonly pollMs?: number;
  readonly elapsedMs: () => number;
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
}): Promise<number | undefined> {
  const end = elapsedMs() + limitMs;
  while (true) {
    const status = await ask();
    signal.throwIfAborted();
    if (status !== undefined && (status === 200 || lacksWorkerRoutes(status))) return status;
    if (elapsedMs() >= end) return undefined;
    await sleep(pollMs, signal);
  }
}

function lacksWorkerRoutes(status: number): boolean {
  return status >= 400 && status < 500 && ![408, 425, 429].includes(status);
}

/** Where a server is asked. */
export type WorkerPort = Pick<OwnPort, "url" | "fetch">;

export class Worker {
  readonly #port: WorkerPort;
  readonly #secret: string;
  readonly #callMs: number;
  #token: Promise<string> | undefined;

  /** @param options.callMs how long a tool may take. */
  constructor(
    { port, secret, callMs = CALL_MS }: { port: WorkerPort; secret: string; callMs?: number },
  ) {
    this.#port = port;
    this.#secret = secret;
    this.#callMs = callMs;
  }

  /** The address of the server, without a final slash. */
  get url(): string {
    return this.#port.url;
  }

  /** Whether the server reports that it is healthy. Needs no token. */
  async isHealthy(): Promise<boolean> {
    return await this.health() === 200;
  }

  /** The status of its health; undefined while nothing listens there, or another program. */
  async health(): Promise<number | undefined> {
    try {
      return (await exchange(this.#port, "/worker/health", { timeoutMs: HEALTH_MS })).status;
    } catch {
      return undefined;
    }
  }

  /** Lists the tools. Throws a {@linkcode WorkerError}. */
  async tools(): Promise<ToolResponse[]> {
    const read = (answer: unknown) => readWorkerTools(answer, readWorkerTool);
    return await this.#ask("GET /worker/tools", read, { timeoutMs: TOOLS_MS });
  }

  /** Calls a tool. Throws a {@linkcode WorkerError}. */
  async invoke(call: WorkerCallRequest): Promise<WorkerCallResponse> {
    const options = { timeoutMs: this.#callMs, json: call };
    return await this.#ask("POST /worker/tools/invoke", readWorkerCall, options);
  }

  async #ask<T>(
    line: string,
    read: (answer: unknown) => T,
    options: { timeoutMs: number; json?: unknown },
  ): Promise<T> {
    const [method = "", path = ""] = line.split(" ");
    const token = await (this.#token ??= workerToken(this.#secret));
    let answer: Answer;
    try {
      answer = await exchange(this.#port, path, { ...options, method, token });
    } catch (error) {
      const isKnown = error instanceof WorkerError || error instanceof Failure;
      const reason = isKnown ? error.message : "The connection failed";
      const problem = error instanceof WorkerError ? error.problem : "unreachable";
      throw new WorkerError(problem, `${line}: ${reason}`, { cause: error });
    }
    const { ok, status } = answer;
    if (!ok) throw new WorkerError("refused", `${line} was answered with ${status}`, { status });
    try {
      return read(readJson(answer.text));
    } catch (error) {
      const message = `${line} was answered with unexpected JSON`;
      throw new WorkerError("unmapped", message, { cause: error });
    }
  }
}

interface Answer {
  readonly ok: boolean;
  readonly status: number;
  readonly text: string;
}

/** Sends a request; follows no redirects, which could point anywhere. */
async function exchange(
  port: WorkerPort,
  path: string,
  { method = "GET", token, json, timeoutMs }: {
    method?: string;
    token?: string;
    json?: unknown;
    timeoutMs: number;
  },
): Promise<Answer> {
  const late = () => new WorkerError("timeout", `No answer within ${timeoutMs / 1000} s`);
  return await withDeadline({ milliseconds: timeoutMs, late }, async (signal) => {
    const headers = new Headers({ accept: "application/json" });
    if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
    if (json !== undefined) headers.set("content-type", "application/json");
    const body = json === undefined ? null : JSON.stringify(json);
    const response = await port.fetch(port.url + path, {
      method,
      headers,
      body,
      redirect: "manual",
      signal,
    });
    const bytes = await readAnswer(response, {
      maxBytes: MAX_ANSWER_BYTES,
      tooLarge: () => new WorkerError("unmapped", "The answer is larger than 16 MiB"),
    });
    const text = new TextDecoder().decode(bytes);
    return { ok: response.ok, status: response.status, text };
  });
}
