import type { LogLine } from "../../contract/logs.ts";
import { redactData } from "../../secrecy/sensitive.ts";
import { printable, printableJson, printableLog } from "../../terminal/safe_text.ts";
import { zonedTime } from "../../terminal/times.ts";
import type { Output } from "../../terminal/streams.ts";

/** Prints lines of a log: with their local time, or as JSON. All lines of a call are one write. */
export class LogWriter {
  readonly #stdout: Output;
  readonly #format: (line: LogLine) => string;
  /** The last second that was formatted, because many lines share it with the one before. */
  #second = "";
  #shown = "";

  constructor({ stdout }: { readonly stdout: Output }, { json }: { readonly json: boolean }) {
    this.#stdout = stdout;
    this.#format = json ? asJson : (line) => this.#asText(line);
  }

  write(lines: readonly LogLine[]): void {
    if (lines.length > 0) this.#stdout.write(lines.map(this.#format).join(""));
  }

  #asText({ timestamp, line }: LogLine): string {
    const text = printableLog(line, this.#stdout);
    return timestamp === undefined ? `${text}\n` : `[${this.#time(timestamp)}] ${text}\n`;
  }

  #time(timestamp: string): string {
    const second = timestamp.endsWith("Z") ? timestamp.slice(0, 19) : timestamp;
    if (second !== this.#second) {
      const time = new Date(timestamp);
      this.#second = second;
      this.#shown = Number.isNaN(time.getTime()) ? printable(timestamp) : zonedTime(time);
    }
    return this.#shown;
  }
}

function asJson({ timestamp, line }: LogLine): string {
  return `${printableJson({ timestamp: timestamp ?? null, line: redactData(line) }, 0)}\n`;
}
