import type { DevSessionClient } from "../../api/dev_sessions.ts";
import { MAX_LOG_LINES } from "../../contract/dev_sessions.ts";
import { Failure } from "../../failure.ts";

type LogReceiver = Pick<DevSessionClient, "log">;

/** Sends what a server prints to the page of the local Arcade. Of more lines than one request takes, the oldest are dropped. */
export class LogPump {
  #client: LogReceiver | undefined;
  #lines: string[] = [];
  #sending: Promise<void> | undefined;

  /** Sends to this session from now on. */
  sendTo(client: LogReceiver): void {
    this.#client = client;
    this.#start();
  }

  add(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > MAX_LOG_LINES) this.#lines.shift();
    this.#start();
  }

  #start(): void {
    // Without a line, sending ends before it is noted, and would then never begin again.
    if (this.#client === undefined || this.#lines.length === 0) return;
    this.#sending ??= this.#send(this.#client);
  }

  async #send(client: LogReceiver): Promise<void> {
    try {
      while (this.#lines.length > 0) await client.log(this.#lines.splice(0));
    } catch (error) {
      // The terminal has the lines, and a lost session is reopened.
      if (!(error instanceof Failure)) throw error;
    } finally {
      this.#sending = undefined;
    }
  }
}
