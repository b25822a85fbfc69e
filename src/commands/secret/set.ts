import type { SecretsClient } from "../../api/secrets.ts";
import type { SecretResponse } from "../../contract/secrets.ts";
import { Failure } from "../../failure.ts";
import { ProgressBar } from "../../terminal/progress.ts";
import { printable } from "../../terminal/safe_text.ts";
import { styleFor } from "../../terminal/style.ts";
import { writeTable } from "../../terminal/table.ts";
import { counted } from "../../text/prose.ts";
import type { Context } from "../context.ts";
import { type IfNotExistsFlag, tellExisting } from "../shared/existing.ts";
import type { ServiceFlags } from "../shared/flags.ts";
import { writeJson } from "../shared/json.ts";
import { sameProject } from "../shared/same_project.ts";
import { confirmRemoval, requireWholeValues, whyNoPrompt } from "../shared/input.ts";
import { formatFailure } from "../../cli/messages.ts";
import { DESCRIPTION } from "../shared/secrets.ts";
import { openTarget } from "../../target/target.ts";
import { forEachConcurrently } from "./concurrently.ts";
import { describeNotice, requireAllLines, skippedLines } from "../shared/env_file.ts";
import {
  fromFile,
  type Given,
  type Input,
  type InputFlags,
  pathOf,
  readInput,
  takesFile,
} from "./input.ts";
import { type Interruptible, interruptible } from "../shared/interruptible.ts";

export interface SetFlags extends ServiceFlags, InputFlags, IfNotExistsFlag {
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly concurrency: number;
}

const VALUES_SEEN =
  "`KEY=VALUE` exposes the value in process lists and shell history; `KEY` alone prompts for it";
/** The minimum number of secrets for a progress bar. */
const A_FEW = 4;

interface Plan {
  readonly changes: readonly (Given & { readonly existing: SecretResponse | undefined })[];
  /** The secrets that `--prune` removes. */
  readonly removals: readonly SecretResponse[];
  readonly leftAlone: readonly SecretResponse[];
  /** The given keys that `--if-not-exists` leaves as they are. */
  readonly existing: readonly string[];
}

interface SetResult {
  readonly created: { key: string; characters: number }[];
  readonly updated: { key: string; characters: number }[];
  readonly removed: string[];
  readonly failed: { key: string; error: string }[];
  /** Sent, but interrupted before the response. */
  readonly uncertain: string[];
  /** Not sent before the interruption. */
  readonly not_sent: string[];
}

/** Stores secrets from the command line, a prompt, standard input or a `.env` file. */
export async function setSecrets(
  command: Context,
  flags: SetFlags,
  ...args: string[]
): Promise<void> {
  checkFlags(command, flags, args);
  const input = await readInput(command, flags, args);
  if (args.some((arg) => arg.includes("="))) command.io.warn(VALUES_SEEN);
  for (const notice of input.notices) command.io.warn(describeNotice(notice, pathOf(flags)));
  if (flags.prune && skippedLines(input) > 0) {
    throw new Failure("usage", "`--prune` needs a file in which every line is clear", {
      next: "Write each line as `KEY=VALUE`, or start it with `#`; nothing was changed",
    });
  }
  if (input.secrets.length === 0) {
    throw new Failure("usage", "No secrets to store", {
      next: "Give `KEY=VALUE`, or a file with `KEY=VALUE` lines",
    });
  }

  // From here on, an interruption still reports what was stored.
  const context = interruptible(command);
  const { engine } = await openTarget(context, flags, { changesNothing: flags.dryRun });
  const plan = makePlan(input, await engine.secrets.list(), flags);
  if (flags.dryRun) {
    await showPlan(context, flags, plan, input);
    return requireAllLines(input, pathOf(flags));
  }
  const mustAsk = plan.removals.length > 0 && !flags.yes;
  if (mustAsk && !await confirmRemovals(context, plan.removals)) return;

  const [first, ...others] = input.secrets;
  const otherwise = fromFile(first && others.length === 0 ? first.key : "KEY", sameProject(flags));
  if (!takesFile(flags)) await requireWholeValues(context, { areStored: false, otherwise });
  const outcome = await carryOut(context, flags, engine.secrets, plan);
  summarize(context, flags, outcome, { input, plan });
  context.http.signal.throwIfAborted();
  if (!takesFile(flags)) await requireWholeValues(context, { areStored: true, otherwise });
  if (outcome.failed.length > 0) {
    const all = plan.changes.length + plan.removals.length;
    throw new Failure("partial", `${outcome.failed.length} of ${all} secrets failed`, {
      next: "The others succeeded; run the command again to retry",
    });
  }
  requireAllLines(input, pathOf(flags));
}

function checkFlags(context: Context, flags: SetFlags, args: readonly string[]): void {
  const wrong = (message: string, next: string) => new Failure("usage", message, { next });
  const isFromFile = takesFile(flags);
  if (isFromFile && args.length > 0) {
    throw wrong("Keys and a .env file cannot be used together", "Use one of them");
  }
  if (!isFromFile && args.length === 0) {
    throw wrong(
      "Which secret?",
      "Give `KEY`, `KEY=VALUE` or `--from-env`; see `arcade secret set --help`",
    );
  }
  const why = flags.envFile === "-" ? "standard input is the file" : whyNoPrompt(context);
  if (flags.prune && !flags.yes && !flags.dryRun && why !== undefined) {
    throw wrong(
      `\`--prune\` needs confirmation, and ${why}`,
      "Add `--yes`, or preview with `--dry-run`",
    );
  }
}

function makePlan(
  input: Input,
  existing: readonly SecretResponse[],
  { prune, ifNotExists }: SetFlags,
): Plan {
  const byKey = new Map(existing.map((entry) => [entry.key, entry]));
  const others = existing.filter((entry) => !input.keys.has(entry.key));
  // Static secrets belong to the configuration of the engine and cannot be removed.
  const removals = prune ? others.filter((entry) => entry.binding.type !== "static") : [];
  const isKept = ({ key }: Given) => ifNotExists === true && byKey.has(key);
  const changed = input.secrets.filter((given) => !isKept(given));
  return {
    changes: changed.map((given) => ({ ...given, existing: byKey.get(given.key) })),
    removals,
    leftAlone: existing.filter((entry) =>
      !removals.includes(entry) && !changed.some(({ key }) => key === entry.key)
    ),
    existing: input.secrets.filter(isKept).map(({ key }) => key),
  };
}

async function showPlan(
  context: Context,
  flags: SetFlags,
  plan: Plan,
  input: Input,
): Promise<void> {
  const characters = ({ key, value }: Given) => ({ key, characters: value.length });
  const created = plan.changes.filter(({ existing }) => !existing).map(characters);
  const updated = plan.changes.filter(({ existing }) => existing).map(characters);
  if (flags.json) {
    writeJson(context, {
      dry_run: true,
      created,
      updated,
      removed: plan.removals.map(({ key }) => key),
      left_alone: plan.leftAlone.map(({ key }) => key),
      existing: plan.existing,
      skipped: input.notices,
    });
    return;
  }
  const columns = [
    { heading: "Key", isWhole: true },
    { heading: "Action" },
    { heading: "Characters" },
  ] as const;
  await writeTable(context.io.stdout, columns, [
    ...created.map(({ key, characters }) => [key, "create", String(characters)]),
    ...updated.map(({ key, characters }) => [key, "update", String(characters)]),
    ...plan.removals.map(({ key }) => [key, "remove", ""]),
    ...plan.leftAlone.map(({ key }) => [key, "keep", ""]),
  ]);
  context.io.stderr.write("Dry run: nothing was changed\n");
}

function confirmRemovals(context: Context, removals: readonly SecretResponse[]): Promise<boolean> {
  const names = removals.map(({ key }) => printable(key)).join(", ");
  context.io.stderr.write(`Secrets in the project that are not in the file: ${names}\n`);
  return confirmRemoval(context, { count: removals.length });
}

async function carryOut(
  context: Interruptible,
  flags: SetFlags,
  secrets: SecretsClient,
  plan: Plan,
): Promise<SetResult> {
  const outcome: SetResult = {
    created: [],
    updated: [],
    removed: [],
    failed: [],
    uncertain: [],
    not_sent: [],
  };
  const waiting = new Set([...plan.changes, ...plan.removals].map(({ key }) => key));
  const bar = waiting.size >= A_FEW
    ? new ProgressBar(context.io.stderr, "Storing secrets", waiting.size)
    : undefined;
  const attempt = async (key: string, work: () => Promise<void>): Promise<boolean> => {
    waiting.delete(key);
    try {
      await work();
      return true;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (error.kind === "interrupted") outcome.uncertain.push(key);
      else outcome.failed.push({ key, error: formatFailure(error) });
      return false;
    } finally {
      bar?.advance();
    }
  };
  const options = { limit: flags.concurrency, signal: context.http.signal };
  try {
    await forEachConcurrently(plan.changes, options, async ({ key, value, existing }) => {
      const description = existing?.description || DESCRIPTION;
      if (await attempt(key, () => secrets.set(key, value, { description }))) {
        (existing ? outcome.updated : outcome.created).push({ key, characters: value.length });
      }
    });
    // A failed secret may still exist under its old name, so remove nothing in that case.
    if (outcome.failed.length === 0) {
      await forEachConcurrently(plan.removals, options, async (entry) => {
        if (await attempt(entry.key, () => secrets.remove(entry))) outcome.removed.push(entry.key);
      });
    }
  } finally {
    bar?.clear();
  }
  if (context.http.signal.aborted) outcome.not_sent.push(...waiting);
  const order = new Map(plan.changes.map(({ key }, i) => [key, i]));
  const inOrder = (a: { key: string }, b: { key: string }) =>
    (order.get(a.key) ?? 0) - (order.get(b.key) ?? 0);
  outcome.created.sort(inOrder);
  outcome.updated.sort(inOrder);
  outcome.failed.sort(inOrder);
  return outcome;
}

function summarize(
  context: Context,
  flags: SetFlags,
  outcome: SetResult,
  { input, plan: { existing } }: { readonly input: Input; readonly plan: Plan },
): void {
  const { green, red, yellow } = styleFor(context.io.stderr);
  const line = (text: string) => context.io.stderr.write(`${text}\n`);
  for (
    const [verb, stored] of [["Created", outcome.created], ["Updated", outcome.updated]] as const
  ) {
    for (const { key, characters: count } of stored) {
      line(`${green(verb)} ${printable(key)} (${counted(count, "character")})`);
    }
  }
  for (const key of existing) tellExisting(context, key);
  for (const key of outcome.removed) line(`${green("Removed")} ${printable(key)}`);
  for (const { key, error } of outcome.failed) line(`${red("Failed")} ${printable(key)}: ${error}`);
  for (const key of outcome.uncertain) {
    line(`${yellow("Uncertain")} ${printable(key)}: sent, but no response`);
  }
  const counts = Object.entries(outcome).filter(([, keys]) => keys.length > 0);
  const count = counts.reduce((sum, [, keys]) => sum + keys.length, 0);
  if (count > 1) {
    const parts = counts.map(([what, keys]) => `${keys.length} ${what.replace("_", " ")}`);
    line(`${count} secrets: ${parts.join(", ")}`);
  }
  if (flags.json) {
    writeJson(context, { dry_run: false, ...outcome, existing, skipped: input.notices });
  }
}
