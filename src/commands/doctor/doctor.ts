import type { ContextFlag } from "../../auth/stored_login.ts";
import { Failure } from "../../failure.ts";
import { printable } from "../../terminal/safe_text.ts";
import { styleFor } from "../../terminal/style.ts";
import { counted, hanging } from "../../text/prose.ts";
import type { Context } from "../context.ts";
import type { JsonFlag } from "../shared/flags.ts";
import { writeJson } from "../shared/json.ts";
import { checkClients } from "./clients.ts";
import { checkFiles } from "./files.ts";
import { type Finding, findingOf, type Status } from "./findings.ts";
import { checkNewer, checkPath, checkVersion } from "./installation.ts";
import { checkLogin, checkVariables } from "./login.ts";
import { checkLocal, checkPython, checkTelemetry, checkUpdates } from "./machine.ts";
import { reportOf } from "./report.ts";
import { checkServer } from "./server.ts";
import { checkService } from "./services.ts";

interface DoctorFlags extends ContextFlag, JsonFlag {
  readonly startServer?: boolean;
  readonly report?: boolean;
}

type Check = (context: Context, flags: DoctorFlags) => Promise<Finding[]> | Finding[];

/** The checks, in the order of their lines. */
const CHECKS: readonly (readonly [name: string, check: Check])[] = [
  ["version", checkVersion],
  ["newer", checkNewer],
  ["path", checkPath],
  ["files", checkFiles],
  ["login", checkLogin],
  ["variables", checkVariables],
  ["coordinator", (context, flags) => checkService(context, flags, "coordinator")],
  ["engine", (context, flags) => checkService(context, flags, "engine")],
  ["python", checkPython],
  ["server", checkServer],
  ["clients", checkClients],
  ["local", checkLocal],
  ["telemetry", checkTelemetry],
  ["updates", checkUpdates],
];

/** Checks this installation, and says how to fix each problem. Sends no credential, and changes nothing. */
export async function doctor(context: Context, flags: DoctorFlags): Promise<number> {
  const found: (Finding & { readonly check: string })[] = [];
  for (const [check, run] of CHECKS) {
    for (const finding of await findingsOf(() => run(context, flags))) {
      found.push({ check, ...finding });
      if (!flags.json && !flags.report) writeFinding(context, check, finding);
    }
  }
  const count = (status: Status) => found.filter((one) => one.status === status).length;
  const problems = count("problem");
  if (flags.report) {
    context.io.stdout.write(await reportOf(context, found));
  } else if (flags.json) {
    writeJson(context, {
      ok: problems === 0,
      findings: found.map(({ check, status, message, next }) => ({
        check,
        status,
        message,
        next: next ?? null,
      })),
    });
  } else {
    const counts = [counted(problems, "problem"), counted(count("warning"), "warning")];
    context.io.stderr.write(`\n${counts.join(", ")}\n`);
  }
  return problems === 0 ? 0 : 1;
}

async function findingsOf(run: () => Promise<Finding[]> | Finding[]): Promise<Finding[]> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof Failure && error.kind === "interrupted") throw error;
    return [findingOf(error)];
  }
}

/** The width of the longest name of a check. */
const NAME_WIDTH = Math.max(...CHECKS.map(([name]) => name.length));
const MARKS = { ok: "✓", warning: "!", problem: "✗" } as const;

function writeFinding({ io: { stdout } }: Context, check: string, finding: Finding): void {
  const { green, yellow, red, bold } = styleFor(stdout);
  const color = { ok: green, warning: yellow, problem: red }[finding.status];
  const indent = NAME_WIDTH + 4;
  const wrapped = (text: string) => hanging(printable(text), indent, stdout.columns());
  const name = bold(check.padEnd(NAME_WIDTH));
  const next = finding.next === undefined ? "" : `${" ".repeat(indent)}${wrapped(finding.next)}\n`;
  stdout.write(`${color(MARKS[finding.status])} ${name}  ${wrapped(finding.message)}\n${next}`);
}
