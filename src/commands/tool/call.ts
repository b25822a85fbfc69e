import type { AnsweredCall, ListedTool, ToolsClient } from "../../api/tools.ts";
import type { Authorization } from "../../contract/grants.ts";
import { readAuthorization } from "../../contract/grants.ts";
import { Failure } from "../../failure.ts";
import type { Context } from "../context.ts";
import { type Interruptible, interruptible } from "../shared/interruptible.ts";
import { requireName } from "../shared/listed_name.ts";
import { openTarget, type Target } from "../../target/target.ts";
import { userOf } from "../shared/user.ts";
import { chooseTool, toolChoice } from "./choose.ts";
import { readInputs } from "./inputs.ts";
import { report } from "./output.ts";
import {
  type CallFlags,
  callMs,
  confirmed,
  mayHaveRun,
  reportDryRun,
  requireReady,
  secretMissing,
} from "./ready.ts";

/** Calls a tool, and prints its value. Without a name, the user chooses it from a list. */
export async function callTool(
  originalContext: Context,
  flags: CallFlags,
  named?: string,
): Promise<void> {
  const context = interruptible(originalContext, { commandMs: Infinity });
  const { help, dryRun, toolVersion } = flags;
  if (flags.server !== undefined || flags.command !== undefined) {
    return (await import("./undeployed.ts")).callUndeployed(context, flags, named);
  }
  if (flags.envFile !== undefined) {
    throw new Failure("usage", "`--env-file` is for a server that is not deployed", {
      next: "Name the server with `--server`, or give its command after `--`",
    });
  }
  const choice = toolChoice(flags);
  await requireName(context, named, choice);
  const target = await openTarget(context, flags, { changesNothing: help || dryRun });
  const user = help ? undefined : userOf(context, flags, target.email);
  const tools = await target.engine.tools();
  const name = named ?? await chooseTool(context, tools, choice);
  const wanted = withVersion(name, toolVersion);
  const tool = await tools.find(wanted, user) ??
    await (await import("./look_up.ts")).lookUp(tools, wanted, {
      userId: user,
      list: choice.list,
    });
  if (user === undefined) {
    return (await import("./call_help.ts")).writeToolHelp(context, flags, tool);
  }
  const { values, problems } = await readInputs(context, flags, tool);
  requireReady(tool, problems, flags);
  if (dryRun) return reportDryRun(context, flags, tool, values);
  if (!await confirmed(context, flags, tool)) return;
  const version = name.includes("@") || toolVersion !== undefined ? tool.version : undefined;
  const call = { context, flags, tool, version, tools, target, user, values };
  // The definition already says so, which avoids a call that would be refused.
  if (tool.authorization?.isMissing) await askForGrant(call);
  const answer = await execute(call);
  if (!answer.authorization) return await report(context, flags, tool, answer);
  await askForGrant(call, readAuthorization(answer.authorization));
  await report(context, flags, tool, await execute(call, { isLast: true }));
}

/** A tool call with everything that it needs. */
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
    next: "Use only one of them",
  });
}

/**
 * Sends the call. If the engine requires a grant, asks the user for it and sends the call once more.
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
      answerMs: callMs(context),
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

/** The failure of a call that the engine refused or did not answer. */
function callFailure(error: Failure, { tool, flags, user }: ReadyCall): Failure {
  if (error.reason === "tool_authorization_required") {
    return new Failure("grant-needed", `${tool.name} still needs ${user} to grant access`, {
      report: "A tool still needs a grant",
      next: "Name the account that granted it with `--user`",
    });
  }
  if (error.reason === "tool_requirements_not_met") {
    const [, key] = /secret not found: ([\w.-]{1,256})/.exec(error.message) ?? [];
    return key === undefined && tool.secrets.length === 0
      ? error
      : secretMissing(tool, key === undefined ? tool.secrets : [key], flags);
  }
  return mayHaveRun(error, tool);
}

/** Asks the user for what the tool needs, and waits for it. Throws a {@link Failure} of kind `grant-needed`. */
async function askForGrant(call: ReadyCall, asked?: Authorization): Promise<void> {
  const { context, flags, tool, version, target, user } = call;
  const { obtainGrant } = await import("./ask.ts");
  const grants = await target.engine.grants();
  const authorization = asked?.url
    ? asked
    : await grants.authorizeTool(tool.name, { version, userId: user });
  await obtainGrant(context, grants, { tool, user, flags, authorization });
}
