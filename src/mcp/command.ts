/** MCP servers that a command starts, with MCP over its standard streams. */

import {
  deserializeMessage,
  type JSONRPCMessage,
  serializeMessage,
  type Transport,
} from "@modelcontextprotocol/client";
import { Failure } from "../failure.ts";
import {
  type Machine,
  type Program,
  requireProgram,
  startGuard,
  startProgram,
} from "../system/guarded_program.ts";
import { settlesWithin } from "../system/waiting.ts";
import { readLines } from "../text/lines.ts";
import { type ConnectionOptions, McpConnection } from "./connection.ts";

/** The longest message of a server, in UTF-16 units. */
const MAX_MESSAGE = 32 * 1024 * 1024;
/** How long a server can take to exit after its input ends. */
const GOODBYE_MS = 1000;
/** How long output is read after the server has exited, if a process that it left behind keeps it open. */
const LAST_OUTPUT_MS = 1000;

export interface CommandOptions extends ConnectionOptions {
  /** The variables that the server gets in addition to those of this process. */
  readonly env: Readonly<Record<string, string>>;
  /** Receives the lines that the server writes to stderr. */
  readonly onLine: (line: string) => void;
  /** Called once if the server writes anything but messages to stdout. */
  readonly onNoise: () => void;
}

/**
 * Starts a program, and connects to it as an MCP server. It ends with the connection, and however this process ends.
 *
 * @throws {Failure} of kind `program-missing`, `program-unusable`, `file`, `network` or `server`.
 */
export async function connectToCommand(
  machine: Machine,
  program: Program,
  options: CommandOptions,
): Promise<McpConnection> {
  await requireProgram(machine, program);
  options.signal.throwIfAborted();
  const process = await ServerProcess.start(machine, program, options);
  return await McpConnection.open({
    name: "The MCP server",
    isFragile: true,
    transport: () => process.transport(),
    failure: () => process.failure,
    close: () => process.stop(),
  }, options);
}

/** The process of a server. */
class ServerProcess {
  readonly #child: Deno.ChildProcess;
  readonly #endGuard: (isEnded: boolean) => Promise<void>;
  readonly #input: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #silence = new AbortController();
  readonly #reading: Promise<unknown>;
  readonly #onNoise: () => void;
  #isNoisy = false;
  #isStopping = false;
  #listener: Transport | undefined;
  /** Why it no longer answers. */
  failure: Failure | undefined;

  private constructor(
    child: Deno.ChildProcess,
    endGuard: (isEnded: boolean) => Promise<void>,
    { onLine, onNoise }: CommandOptions,
  ) {
    this.#child = child;
    this.#endGuard = endGuard;
    this.#input = child.stdin.getWriter();
    this.#onNoise = onNoise;
    const { signal } = this.#silence;
    const answers = readLines(child.stdout, (line) => this.#take(line), {
      signal,
      maxLine: MAX_MESSAGE,
    });
    this.#reading = Promise.all([
      readLines(child.stderr, onLine, { signal }),
      answers,
      child.status.then(async (status) => {
        await settlesWithin(LAST_OUTPUT_MS, answers); // the last response may still arrive
        this.#ended(status);
      }),
    ]);
  }

  static async start(
    machine: Machine,
    program: Program,
    options: CommandOptions,
  ): Promise<ServerProcess> {
    const guard = await startGuard(machine);
    let child: Deno.ChildProcess;
    try {
      child = startProgram(machine, program, {
        env: options.env,
        guard,
        stdin: "piped",
        stdout: "piped",
        stderr: "piped",
      });
    } catch (error) {
      await guard.end();
      throw error;
    }
    await guard.guard(child.pid);
    const endGuard = (isEnded: boolean) => guard.end(isEnded ? "ended" : undefined);
    return new ServerProcess(child, endGuard, options);
  }

  /** A transport to the server. There is one at a time. */
  transport(): Transport {
    const transport: Transport = {
      start: () => {
        this.#listener = transport;
        return Promise.resolve();
      },
      send: async (message) => {
        await this.#input.write(new TextEncoder().encode(serializeMessage(message)));
      },
      close: () => {
        if (this.#listener === transport) this.#listener = undefined;
        transport.onclose?.();
        return Promise.resolve();
      },
    };
    return transport;
  }

  /** Ends the server: by the end of its input, or else with signals. */
  async stop(): Promise<void> {
    if (this.#isStopping) return;
    this.#isStopping = true;
    await this.#input.close().catch(() => {}); // it has ended
    const isEnded = await settlesWithin(GOODBYE_MS, this.#child.status);
    if (!isEnded && Deno.build.os === "windows") this.#child.kill();
    await this.#endGuard(isEnded);
    const timer = setTimeout(() => this.#silence.abort(), LAST_OUTPUT_MS);
    await this.#reading;
    clearTimeout(timer);
  }

  #take(line: string): void {
    if (line.length > MAX_MESSAGE) {
      const what = "The MCP server sent a message that is larger than 32 MiB";
      return this.#fail(new Failure("server", what));
    }
    let message: JSONRPCMessage;
    try {
      message = deserializeMessage(line);
    } catch {
      if (!this.#isNoisy && line.trim() !== "") {
        this.#isNoisy = true;
        this.#onNoise();
      }
      return;
    }
    this.#listener?.onmessage?.(message);
  }

  #ended({ code, signal }: Deno.CommandStatus): void {
    const how = signal === null ? `ended with exit code ${code}` : `was terminated by ${signal}`;
    this.#fail(
      new Failure("network", `The MCP server ${how}`, {
        next: "Run its command without arcade to see why",
        canRetry: false,
      }),
    );
  }

  #fail(failure: Failure): void {
    if (this.#isStopping) return;
    this.failure ??= failure;
    this.#listener?.onclose?.();
  }
}
