import type { DevSessionClient } from "../../api/dev_sessions.ts";
import { MAX_LOG_LINES } from "../../contract/dev_sessions.ts";
import { Failure } from "../../failure.ts";

type LogReceiver = Pick<DevSessionClient, "log">;

/** Sends what a server prints to the page of the local Arcade. Of more lines than one request takes, the oldest are dropped. */
export class LogPump {
  #client: LogReceiver | undefined;
  #lines: string[] = [];
  #isSending = false;

  /** Sends to this session from now on. */
  sendTo(client: LogReceiver): void {
    this.#client = client;
    this.#send();
  }

  add(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > MAX_LOG_LINES) this.#lines.shift();
    this.#send();
  }

  async #send(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    try {
      while (this.#client !== undefined && this.#lines.length > 0) {
        await this.#client.log(this.#lines.splice(0));
      }
    } catch (error) {
      // The terminal has the lines, and a lost session is reopened.
      if (!(error instanceof Failure)) throw error;
    } finally {
      this.#isSending = false;
    }
  }
}
