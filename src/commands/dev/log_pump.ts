import type { DevSessionClient } from "../../api/dev_sessions.ts";
import { MAX_LOG_LINES } from "../../contract/dev_sessions.ts";
import { Failure } from "../../failure.ts";

type LogReceiver = Pick<DevSessionClient, "log">;

/** The most characters of one request. Each takes at most six bytes of JSON, and the local Arcade accepts 2 MiB. */
const REQUEST_LENGTH = 256 * 1024;

/** Sends what a server prints to the page of the local Arcade. While it is slower than the server, the oldest lines are dropped. */
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
        await this.#client.log(this.#nextLines());
      }
    } catch (error) {
      // The terminal has the lines, and a lost session is reopened.
      if (!(error instanceof Failure)) throw error;
    } finally {
      this.#isSending = false;
    }
  }

  #nextLines(): string[] {
    let length = 0;
    const end = this.#lines.findIndex((line) => (length += line.length) > REQUEST_LENGTH);
    return this.#lines.splice(0, end < 0 ? this.#lines.length : Math.max(end, 1));
  }
}
