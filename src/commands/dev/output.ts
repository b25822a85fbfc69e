/** The output of `arcade dev`: for a user at a terminal, or a JSON object per line for a program. */

import type { DevCallEvent } from "../../contract/dev_sessions.ts";
import type { Tool } from "../../contract/tools.ts";
import { Failure } from "../../failure.ts";
import type { Problem } from "../../dev/problem.ts";
import type { ToolChange } from "../../dev/tool_changes.ts";
import { redactData } from "../../secrecy/sensitive.ts";
import { escapedJson, printable, printableJson, printableLog } from "../../terminal/safe_text.ts";
import { styleFor } from "../../terminal/style.ts";
import { counted, withoutColors } from "../../text/prose.ts";
import type { Context } from "../context.ts";
import type { Link } from "./link.ts";

/** A server's tools, and what is missing to call them. */
export interface Ready {
  readonly server: string;
  readonly link: Link;
  readonly tools: readonly Tool[];
  readonly missing: Missing;
}

export interface Missing {
  /** Keys of secrets. */
  readonly secrets: readonly string[];
  /** The missing grants, with the command that grants each. */
  readonly grants: readonly { readonly provider: string; readonly command: string }[];
}

export interface DevOutput {
  /** The server can be called for the first time. */
  ready(ready: Ready): void;
  /** A new version of the server can be called. */
  restarted(restart: {
    readonly milliseconds: number;
    readonly changes: readonly ToolChange[];
    readonly tools: readonly Tool[];
    readonly missing: Missing;
  }): void;
  problem(problem: Problem, isServing: boolean): void;
  call(call: DevCallEvent): void;
  /** A line that the server has printed. */
  log(line: string): void;
  /** Other events. */
  note(line: string): void;
  /** Holds back all output while another program uses the terminal. */
  hold(): void;
  release(): void;
}

/** The output for a user or a program. */
export function outputOf(context: Context, { json }: { readonly json?: boolean }): DevOutput {
  const { stdout } = context.io;
  return json || !stdout.isTerminal ? new JsonOutput(context) : new TextOutput(context);
}

/** More writes than a call needs. */
const MAX_HELD = 1000;

/** One object per line. */
class JsonOutput implements DevOutput {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  ready({ server, link, tools, missing }: Ready): void {
    const { address: url, data, environment, session, gatewayUrl: gateway } = link;
    const { dashboard, code, page } = session;
    const places = { url, data, environment, dashboard, code, gateway, page };
    const ready = { ...places, server, tools: namesOf(tools), missing: namesIn(missing) };
    // As in `local serve --json`, a script needs the key.
    this.#context.io.stdout.write(`${escapedJson(JSON.stringify({ event: "ready", ...ready }))}\n`);
  }

  restarted(
    { milliseconds, changes, tools, missing }: Parameters<DevOutput["restarted"]>[0],
  ): void {
    this.#write("restarted", { duration_ms: milliseconds });
    if (changes.length === 0) return;
    const of = (kind: ToolChange["kind"]) => changes.filter((one) => one.kind === kind);
    this.#write("tools-changed", {
      added: of("added").map(({ tool }) => tool),
      removed: of("removed").map(({ tool }) => tool),
      changed: of("changed").map(({ tool, details }) => ({ tool, details })),
      tools: namesOf(tools),
      missing: namesIn(missing),
    });
  }

  problem({ message, place }: Problem): void {
    const { file = null, line = null, excerpt = [] } = place ?? {};
    this.#write("error", {
      message: redactData(message),
      file,
      line,
      excerpt: excerpt.map(redactData),
    });
  }

  call({ tool, user_id, success, code, started_at, duration_ms }: DevCallEvent): void {
    this.#write("call", { tool, user: user_id, success, code, started_at, duration_ms });
  }

  log(line: string): void {
    const { stderr } = this.#context.io;
    stderr.write(`${printableLog(line, stderr)}\n`);
  }

  note(line: string): void {
    this.#context.io.notice(line);
  }

  hold(): void {} // there is no user and no other program

  release(): void {}

  #write(event: string, fields: object): void {
    this.#context.io.stdout.write(`${printableJson({ event, ...fields }, 0)}\n`);
  }
}

function namesOf(tools: readonly Tool[]): string[] {
  return tools.map(({ name }) => name).sort();
}

function namesIn({ secrets, grants }: Missing) {
  return { secrets, grants: grants.map(({ provider }) => provider) };
}

class TextOutput implements DevOutput {
  readonly #context: Context;
  #held: (() => void)[] | undefined;
  /** What was said last. */
  #toldMissing: string[] = [];

  constructor(context: Context) {
    this.#context = context;
  }

  hold(): void {
    this.#held = [];
  }

  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const write of held) write();
  }

  #write(to: "stdout" | "stderr", text: string): void {
    const write = () => this.#context.io[to].write(text);
    if (this.#held === undefined) return write();
    this.#held.push(write);
    if (this.#held.length > MAX_HELD) this.#held.shift();
  }

  ready({ server, link, tools, missing }: Ready): void {
    const { stdout } = this.#context.io;
    const { bold, green } = styleFor(stdout);
    const { session, gatewayUrl, address, isOwn } = link;
    const line = (label: string, text: string) => `${bold(label.padEnd(8))}  ${printable(text)}\n`;
    this.#write(
      "stdout",
      [
        `${green("Ready")} ${printable(server)}, with ${counted(tools.length, "tool")}`,
        tools.length === 0 ? "\n" : `: ${printable(namesOf(tools).join(", "))}\n`,
        "\n",
        line("Page", session.page),
        ...(session.code === null ? [] : [line("Code", session.code)]),
        line("Gateway", gatewayUrl),
        line(
          "Arcade",
          isOwn
            ? `${address}, which stops with this command`
            : `${address}, which was already running`,
        ),
        ...this.#missing(missing),
        "\n",
      ].join(""),
    );
  }

  restarted({ milliseconds, changes, missing }: Parameters<DevOutput["restarted"]>[0]): void {
    const { stdout } = this.#context.io;
    const { green, red, yellow } = styleFor(stdout);
    const marks = { added: green("+"), removed: red("-"), changed: yellow("~") };
    this.#write(
      "stdout",
      [
        `${green("Restarted")} in ${(milliseconds / 1000).toFixed(1)} s\n`,
        ...changes.map(({ kind, tool, details }) =>
          `  ${marks[kind]} ${printable(tool)}${
            details.length === 0 ? "" : `: ${printable(details.join(", "))}`
          }\n`
        ),
        ...this.#missing(missing),
      ].join(""),
    );
  }

  problem({ message, place }: Problem, isServing: boolean): void {
    const { stderr } = this.#context.io;
    const { red, bold } = styleFor(stderr);
    this.#write(
      "stderr",
      [
        `${red("Error:")} ${printable(redactData(message))}\n`,
        ...(place === undefined ? [] : [`  ${bold(printable(`${place.file}:${place.line}`))}\n`]),
        ...(place?.excerpt ?? []).map((line) => `    ${printable(redactData(line))}\n`),
        isServing ? "The last working version is still running\n" : "",
      ].join(""),
    );
  }

  call({ tool, success, code, duration_ms }: DevCallEvent): void {
    const { stdout } = this.#context.io;
    const { green, red } = styleFor(stdout);
    const outcome = success
      ? green("ok")
      : red(`failed${code === null ? "" : ` (${printable(code)})`}`);
    this.#write("stdout", `Call ${printable(tool)}  ${duration_ms} ms  ${outcome}\n`);
  }

  log(line: string): void {
    const { stdout } = this.#context.io;
    this.#write("stdout", `${styleFor(stdout).dim("|")} ${printableLog(line, stdout)}\n`);
  }

  note(line: string): void {
    this.#write("stderr", `${printable(line)}\n`);
  }

  /** What is missing, if that differs from what was said last. */
  #missing({ secrets, grants }: Missing): string[] {
    const { yellow } = styleFor(this.#context.io.stdout);
    const lines = [
      ...secrets.map((key) => `the secret ${key}: add it to .env, or enter it on the page`),
      ...grants.map(({ provider, command }) => `a grant from ${provider}: \`${command}\``),
    ];
    const isTold = lines.join() === this.#toldMissing.join();
    this.#toldMissing = lines;
    if (isTold) return [];
    return lines.map((line) => `${yellow("Missing".padEnd(8))}  ${printable(line)}\n`);
  }
}

/** How many of the last lines of a server that does not start are shown. */
const SHOWN_LINES = 20;

/** Nothing, because the output belongs to the command that runs when the server is ready. */
export class QuietOutput implements DevOutput {
  readonly #context: Context;
  readonly #lines: string[] = [];
  /** Why the server does not start. */
  failure: Failure | undefined;

  constructor(context: Context) {
    this.#context = context;
  }

  ready(): void {}
  restarted(): void {}
  call(): void {}
  hold(): void {}
  release(): void {}

  problem({ message, place }: Problem): void {
    this.failure ??= new Failure("server", redactData(message), {
      next: place === undefined
        ? "See what the server printed above"
        : `See ${place.file}, line ${place.line}`,
      report: "The server does not start",
    });
  }

  log(line: string): void {
    this.#context.io.trace?.(`server: ${redactData(withoutColors(line))}`);
    this.#lines.push(line);
    if (this.#lines.length > SHOWN_LINES) this.#lines.shift();
  }

  note(line: string): void {
    this.#context.io.trace?.(line);
  }

  /** Shows the last lines of the server. */
  tellLog(): void {
    const { stderr } = this.#context.io;
    stderr.write(this.#lines.map((line) => `${printableLog(line, stderr)}\n`).join(""));
  }
}
