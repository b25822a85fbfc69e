import type { Run } from "../../contract/scheduled.ts";
import { Failure } from "../../failure.ts";
import { writeLabeledLines } from "../../terminal/labeled_lines.ts";
import { writeTable } from "../../terminal/table.ts";
import { timeCell, zonedTime } from "../../terminal/times.ts";
import type { Context } from "../context.ts";
import type { ServiceFlags } from "../shared/flags.ts";
import { writeJson } from "../shared/json.ts";
import { writeJsonAsWritten } from "../shared/json_as_written.ts";
import { sameProject } from "../shared/same_project.ts";
import type { ProjectFlags } from "../../target/project.ts";
import { openTarget } from "../../target/target.ts";

type Flags = ServiceFlags & ProjectFlags;

/** Lists the calls that were scheduled, or shows one. */
export async function runs(
  context: Context,
  flags: Flags,
  operation: string,
  id?: string,
  ...others: string[]
): Promise<void> {
  const isList = operation === "list" && id === undefined;
  const isGet = operation === "get" && id !== undefined && others.length === 0;
  if (isList) return await listRuns(context, flags);
  if (isGet) return await getRun(context, flags, id);
  throw new Failure("usage", "Expected `tool runs list` or `tool runs get ID`", {
    next: "See `arcade tool runs --help`",
  });
}

async function listRuns(context: Context, flags: Flags): Promise<void> {
  const { engine } = await openTarget(context, flags);
  const found = await (await engine.runs()).list();
  if (flags.json) return writeJson(context, { runs: found.map(runToJson) });
  if (found.length === 0) return context.io.info("No scheduled calls in this project yet");
  const now = context.clock.now();
  await writeTable(
    context.io.stdout,
    [
      { heading: "ID", isWhole: true },
      { heading: "Tool", isWhole: true },
      { heading: "Status" },
      { heading: "Runs at" },
      { heading: "User" },
    ],
    found.map(({ id, tool, status, runAt, user }) => [
      id,
      tool,
      status,
      runAt === undefined ? "-" : timeCell(runAt, now),
      user ?? "-",
    ]),
  );
}

function runToJson({ id, tool, version, user, status, runAt, startedAt, finishedAt }: Run) {
  return {
    id,
    tool,
    version: version ?? null,
    user: user ?? null,
    status,
    run_at: runAt ?? null,
    started_at: startedAt ?? null,
    finished_at: finishedAt ?? null,
  };
}

async function getRun(context: Context, flags: Flags, id: string): Promise<void> {
  const { engine } = await openTarget(context, flags);
  const run = await (await engine.runs()).get(id).catch((error: unknown) => {
    if (!(error instanceof Failure) || error.status !== 404) throw error;
    throw new Failure("not-found", `No scheduled call "${id}"`, {
      next: `\`arcade tool runs list${sameProject(flags)}\` lists them`,
      cause: error,
    });
  });
  if (flags.json) return writeJsonAsWritten(context, `${run.asWritten.trimEnd()}\n`);
  writeLabeledLines(context.io.stdout, [
    ["ID", run.id],
    ["Tool", run.version === undefined ? run.tool : `${run.tool}@${run.version}`],
    ["Status", run.status],
    ["Runs at", timeOf(run.runAt)],
    ["User", run.user ?? "-"],
    ["Input", run.input ?? "-"],
    ...run.attempts.map(({ isSuccess, startedAt, problem }) =>
      [
        "Attempt",
        `${timeOf(startedAt)}, ${isSuccess ? "succeeded" : `failed: ${problem ?? "unknown"}`}`,
      ] as const
    ),
    ...run.value === undefined ? [] : [["Value", run.value] as const],
  ]);
}

function timeOf(written: string | undefined): string {
  const time = new Date(written ?? "");
  return Number.isNaN(time.getTime()) ? written ?? "-" : zonedTime(time);
}
