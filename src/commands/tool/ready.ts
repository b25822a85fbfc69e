/** The checks before a call. */

import type { Tool } from "../../contract/tools.ts";
import { Failure } from "../../failure.ts";
import { shownAddress } from "../../hosts/urls.ts";
import { shellWord } from "../../text/shell_word.ts";
import type { Context } from "../context.ts";
import type { ServiceFlags } from "../shared/flags.ts";
import { writeJson } from "../shared/json.ts";
import { sameProject } from "../shared/same_project.ts";
import { needsGrant } from "../shared/user.ts";
import type { WaitFlags } from "../shared/wait_flags.ts";
import type { ProjectFlags } from "../../target/project.ts";
import type { InputFlags } from "./inputs.ts";

export interface CallFlags extends ServiceFlags, ProjectFlags, WaitFlags, InputFlags {
  readonly help?: boolean;
  readonly user?: string;
  readonly toolVersion?: string;
  readonly output?: "value" | "json" | "raw";
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  /** The address of an MCP server that is not deployed. */
  readonly server?: string;
  /** The command that starts one. */
  readonly command?: readonly string[];
  readonly envFile?: string;
}

/** How long a tool may run, unless ARCADE_TIMEOUT_SECONDS says otherwise. */
const CALL_MS = 300_000;

/** How long the tool may run, in milliseconds. */
export function callMs({ env, http }: Context): number {
  return env.ARCADE_TIMEOUT_SECONDS ? http.timeoutMs() : CALL_MS;
}

/** Whether the tool is one of a server that is not deployed. */
function isUndeployed({ server, command }: CallFlags): boolean {
  return server !== undefined || command !== undefined;
}

/** A command line that calls the tool at the same place, with these flags. */
export function callLine({ name }: Tool, flags: CallFlags, ...words: readonly string[]): string {
  const { server, command } = flags;
  const at = server === undefined ? [] : ["--server", shellWord(shownAddress(server))];
  const started = command === undefined ? [] : ["--", ...command.map(shellWord)];
  const call = `arcade tool call ${shellWord(name)}${sameProject(flags)}`;
  return [call, ...at, ...words, ...started].join(" ");
}

/** Requires valid inputs and all secrets, as far as that is known before the call. */
export function requireReady(tool: Tool, problems: readonly string[], flags: CallFlags): void {
  const { missingSecrets } = tool;
  if (problems.length === 0 && missingSecrets.length === 0) return;
  if (problems.length === 0) throw secretMissing(tool, missingSecrets, flags);
  const secrets = missingSecrets.map((key) => `the secret ${key} is not set`);
  throw new Failure("usage", `${tool.name}: ${[...problems, ...secrets].join("; ")}`, {
    report: "The inputs of a tool are missing or invalid",
    next: `See \`${callLine(tool, flags, "--help")}\``,
  });
}

/** The failure for secrets that the tool does not get. */
export function secretMissing(tool: Tool, keys: readonly string[], flags: CallFlags): Failure {
  const [key = "KEY", ...others] = keys;
  const commandOf = (one: string) => `\`arcade secret set ${shellWord(one)}${sameProject(flags)}\``;
  const [what, them] = others.length === 0
    ? [`the secret ${key}`, "it"]
    : [`the secrets ${keys.join(", ")}`, "them"];
  return new Failure("secret-missing", `${tool.name} needs ${what}`, {
    report: "A tool needs a secret that is not set",
    next: isUndeployed(flags)
      ? `Add ${them} to ${flags.envFile ?? ".env"}, or set ${them} in the environment`
      : `Set ${them} with ${keys.map(commandOf).join(" and ")}`,
  });
}

/** Reports what a call would do, including whether a grant is missing. */
export function reportDryRun(
  context: Context,
  { json }: CallFlags,
  { name, version, authorization, isDestructive }: Tool,
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
  info(`${name} can be called with these inputs; it was not called`);
  if (!isGranted) info(needsGrant("It", { provider: authorization?.provider }));
  if (isDestructive) info("It is destructive, so the call asks first, unless you pass `--yes`");
}

/**
 * Asks whether to call a destructive tool, unless `--yes` is given.
 *
 * @throws {Failure} of kind `usage` without a terminal.
 */
export async function confirmed(context: Context, flags: CallFlags, tool: Tool): Promise<boolean> {
  if (!tool.isDestructive || flags.yes) return true;
  return await (await import("./ask.ts")).confirmCall(context, tool);
}

/** The failure of a call that was sent, perhaps without a response. */
export function mayHaveRun(error: Failure, { name, isRepeatable }: Tool): Failure {
  if (error.kind !== "network" || isRepeatable) return error;
  return new Failure("network", error.message, {
    next: `${name} may have run: check that before you call it again`,
    cause: error,
    canRetry: false,
    ...(error.report !== undefined && { report: error.report }),
  });
}
