import type { AnsweredCall, ListedTool, ToolsClient } from "../../api/tools.ts";
import type { Authorization } from "../../contract/grants.ts";
import { readAuthorization } from "../../contract/grants.ts";
import { Failure } from "../../failure.ts";
import { indented } from "../../text/json_text.ts";
import { shellWord } from "../../text/shell_word.ts";
import { escapedJson, printable } from "../../terminal/safe_text.ts";
import type { Context } from "../context.ts";
import type { ServiceFlags } from "../shared/flags.ts";
import { type Interruptible, interruptible } from "../shared/interruptible.ts";
import { writeJson } from "../shared/json.ts";
import { writeJsonAsWritten } from "../shared/json_as_written.ts";
import type { ProjectFlags } from "../../target/project.ts";
import { sameProject } from "../shared/same_project.ts";
import { openTarget, type Target } from "../../target/target.ts";
import { userOf } from "../shared/user.ts";
import type { WaitFlags } from "../shared/wait_flags.ts";
import { type InputFlags, readInputs } from "./inputs.ts";

export interface CallFlags extends ServiceFlags, ProjectFlags, WaitFlags, InputFlags {
  readonly help?: boolean;
  readonly user?: string;
  readonly toolVersion?: string;
  readonly output?: "value" | "json" | "raw";
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

/** How long a tool may run, unless ARCADE_TIMEOUT_SECONDS says otherwise. */
const CALL_MS = 300_000;

/** Calls a tool, and prints its value. */
export async function callTool(
  originalContext: Context,
  flags: CallFlags,
  name: string,
): Promise<void> {
  const context = interruptible(originalContext, { commandMs: Infinity });
  const { help, dryRun, toolVersion } = flags;
  const target = await openTarget(context, flags, { changesNothing: help || dryRun });
  const user = help ? undefined : userOf(context, flags, target.email);
  const tools = await target.engine.tools();
  const wanted = withVersion(name, toolVersion);
  const tool = await tools.find(wanted, user) ??
    await (await import("./search.ts")).searchTool(tools, wanted, {
      userId: user,
      list: `arcade tool list${sameProject(flags)}`,
    });
  if (user === undefined) {
    return (await import("./call_help.ts")).writeToolHelp(context, flags, tool);
  }
  const { values, problems } = await readInputs(context, flags, tool);
  requireReady(tool, problems, flags);
  if (dryRun) return reportDryRun(context, flags, tool, values);
  if (tool.isDestructive && !flags.yes) {
    const { confirmCall } = await import("./ask.ts");
    if (!await confirmCall(context, tool)) return;
  }
  const version = name.includes("@") || toolVersion !== undefined ? tool.version : undefined;
  const call = { context, flags, tool, version, tools, target, user, values };
  // The definition tells it already, which saves a call that would be refused.
  if (tool.authorization?.isMissing) await askForGrant(call);
  const answer = await execute(call);
  if (!answer.authorization) return await report(context, flags, tool, answer);
  await askForGrant(call, readAuthorization(answer.authorization));
  await report(context, flags, tool, await execute(call, { isLast: true }));
}

/** A call of a tool that everything is known of. */
interface ReadyCall {
  readonly context: Interruptible;
  readonly flags: CallFlags;
  readonly tool: ListedTool;
  /** The version that the user has named. */
  readonly version: string | undefined;
  readonly tools: ToolsClient;
  readonly target: Target;
  readonly user: string;
  readonly values: ReadonlyMap<string, string>;
}

function withVersion(name: string, version: string | undefined): string {
  if (version === undefined || name.endsWith(`@${version}`)) return name;
  if (!name.includes("@")) return `${name}@${version}`;
  throw new Failure("usage", "The name and `--tool-version` have different versions", {
    next: "Leave one of them out",
  });
}

/** Requires that nothing is wrong with the inputs and no secret is missing, as far as is known before the call. */
function requireReady(tool: ListedTool, problems: readonly string[], flags: CallFlags): void {
  const { missingSecrets } = tool;
  if (problems.length === 0 && missingSecrets.length === 0) return;
  if (problems.length === 0) throw secretMissing(tool, missingSecrets, flags);
  const secrets = missingSecrets.map((key) => `the secret ${key} is not set`);
  throw new Failure("usage", `${tool.name}: ${[...problems, ...secrets].join("; ")}`, {
    report: "The inputs of a tool are missing or wrong",
    next: `See \`arcade tool call ${shellWord(tool.name)}${sameProject(flags)} --help\``,
  });
}

function secretMissing(tool: ListedTool, keys: readonly string[], flags: CallFlags): Failure {
  const [key = "KEY", ...others] = keys;
  const commandOf = (one: string) => `\`arcade secret set ${shellWord(one)}${sameProject(flags)}\``;
  const [what, them] = others.length === 0
    ? [`the secret ${key}`, "it"]
    : [`the secrets ${keys.join(", ")}`, "them"];
  return new Failure("secret-missing", `${tool.name} needs ${what}`, {
    report: "A tool needs a secret that is not set",
    next: `Set ${them} with ${keys.map(commandOf).join(" and ")}`,
  });
}

/** Reports what a call would do. What is missing of the user's grant is part of the report. */
function reportDryRun(
  context: Context,
  { json }: CallFlags,
  { name, version, authorization, isDestructive }: ListedTool,
  values: ReadonlyMap<string, string>,
): void {
  const isGranted = authorization ? authorization.isMissing === false : true;
  if (json) {
    return writeJson(context, {
      dry_run: true,
      tool: name,
      version: version ?? null,
      inputs: [...values.keys()],
      granted: authorization?.isMissing === undefined && authorization ? null : isGranted,
      destructive: isDestructive,
    });
  }
  const { info } = context.io;
  info(`${name} can be called with these inputs; nothing was called`);
  if (!isGranted) info(`It needs a grant of ${authorization?.provider ?? "its provider"}`);
  if (isDestructive) info("It is destructive, so the call asks first, unless you pass `--yes`");
}

/**
 * Sends the call. If the engine wants a grant, it is asked for and the call is sent again, once.
 *
 * @throws {Failure} of kind `secret-missing` or `grant-needed`, and others.
 */
async function execute(
  call: ReadyCall,
  { isLast = false }: { readonly isLast?: boolean } = {},
): Promise<AnsweredCall> {
  const { context, tool: { name, isRepeatable }, version, tools, user, values } = call;
  try {
    return await tools.call({
      tool: name,
      version,
      userId: user,
      input: values,
      isRepeatable,
      answerMs: context.env.ARCADE_TIMEOUT_SECONDS ? context.http.timeoutMs() : CALL_MS,
    });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (error.reason === "tool_authorization_required" && !isLast) {
      await askForGrant(call);
      return await execute(call, { isLast: true });
    }
    throw callFailure(error, call);
  }
}

/** The failure of a call that the engine did not answer, or refused. */
function callFailure(error: Failure, { tool, flags, user }: ReadyCall): Failure {
  if (error.reason === "tool_authorization_required") {
    return new Failure("grant-needed", `${tool.name} still needs a grant by ${user}`, {
      report: "A tool still needs a grant",
      next: "Name the account that has granted it with `--user`",
    });
  }
  if (error.reason === "tool_requirements_not_met") {
    const [, key] = /secret not found: ([\w.-]{1,256})/.exec(error.message) ?? [];
    return key === undefined && tool.secrets.length === 0
      ? error
      : secretMissing(tool, key === undefined ? tool.secrets : [key], flags);
  }
  if (error.kind !== "network" || tool.isRepeatable) return error;
  return new Failure("network", error.message, {
    next: `${tool.name} may have run: check that before you call it again`,
    cause: error,
    canRetry: false,
  });
}

/** Asks the user for what the tool needs, and waits for it. Throws a {@link Failure} of kind `grant-needed`. */
async function askForGrant(call: ReadyCall, asked?: Authorization): Promise<void> {
  const { context, flags, tool, version, target, user } = call;
  const { obtainGrant } = await import("./ask.ts");
  await obtainGrant(context, await target.engine.grants(), { tool, version, user, flags, asked });
}

/** Prints the answer: the value to stdout, and the rest to stderr. Throws a {@link Failure} when the tool failed. */
async function report(
  context: Context,
  flags: CallFlags,
  tool: ListedTool,
  answer: AnsweredCall,
): Promise<void> {
  const { io } = context;
  const format = flags.json ? "json" : flags.output ?? "value";
  if (!io.json) { for (const { level, message } of answer.logs) io.info(`${level}: ${message}`); }
  if (format === "json") writeJsonAsWritten(context, `${answer.asWritten.trimEnd()}\n`);
  if (!answer.isSuccess) throw (await import("./tool_failure.ts")).toolFailure(tool, answer);
  if (format !== "json") writeValue(context, answer.value, format === "raw");
}

function writeValue(
  { io: { stdout } }: Context,
  value: string | undefined,
  isRaw: boolean,
): void {
  if (value === undefined) return;
  const text: unknown = value.startsWith('"') ? JSON.parse(value) : undefined;
  if (typeof text !== "string") {
    return stdout.write(`${stdout.isTerminal && !isRaw ? escapedJson(indented(value)) : value}\n`);
  }
  if (isRaw) return stdout.write(text);
  const shown = stdout.isTerminal ? text.split("\n").map(printableLine).join("\n") : text;
  stdout.write(shown.endsWith("\n") || shown === "" ? shown : `${shown}\n`);
}

/** A line of a text that is safe to show on a terminal. */
function printableLine(line: string): string {
  return line.split("\t").map(printable).join("\t");
}
