import { Failure } from "../../failure.ts";
import { createFolder } from "../../files/new_folder.ts";
import type { Os } from "../../system/os.ts";
import { findProgram } from "../../system/programs.ts";
import { INSTALL_UV } from "../../system/python.ts";
import { shellWord } from "../../text/shell_word.ts";
import { styleFor } from "../../terminal/style.ts";
import { printable } from "../../terminal/safe_text.ts";
import type { Context } from "../context.ts";
import type { JsonFlag } from "../shared/flags.ts";
import { askForText, whyNoPrompt } from "../shared/input.ts";
import { writeJson } from "../shared/json.ts";
import { absolute } from "../../system/guarded_program.ts";
import { requireName } from "./name.ts";
import { filesFor, TEMPLATE_NAME, toolkitOf } from "./template.ts";

interface NewFlags extends JsonFlag {
  readonly dir?: string;
  readonly yes?: boolean;
}

/** Creates the project of a server in a new folder, and prints the next steps. */
export async function createProject(
  context: Context,
  flags: NewFlags,
  written?: string,
): Promise<void> {
  const { env, files: { cwd }, io, machine: { os }, signals } = context;
  const signal = signals.interruption();
  const parent = flags.dir === undefined ? cwd() : absolute(cwd(), flags.dir);
  if (flags.dir !== undefined) requireFolder(parent, flags.dir);
  const name = requireName(written ?? await missingName(context, flags), flags.dir);
  const shown = flags.dir === undefined ? name : flags.dir.replace(/[^/\\]$/, "$&/") + name;
  const files = filesFor(name);
  if (!await createFolder(`${parent}/${name}`, files, signal)) {
    throw new Failure("file", `${shown} already exists`, {
      next: "Choose another name, or another folder with `--dir`",
    });
  }
  const next = nextSteps(name, shown, os);
  if (flags.json) {
    return writeJson(context, { name, folder: shown, files: [...files.keys()], next });
  }
  const { green } = styleFor(io.stderr);
  io.stderr.write(`${green("Created")} ${printable(shown)}: an MCP server with three tools\n`);
  if (await findProgram("uv", env.PATH, os) === undefined) {
    io.info(`${INSTALL_UV}, which the next steps need`);
  }
  io.info("Next steps (README.md there has more):");
  for (const step of next) io.info(`  ${step}`);
}

function requireFolder(path: string, written: string): void {
  let isFolder = false;
  try {
    isFolder = written !== "" && Deno.statSync(path).isDirectory;
  } catch {
    // it does not exist
  }
  if (isFolder) return;
  throw new Failure("file", `There is no folder ${written || "without a name"}`, {
    next: "Create it first, or name another one with `--dir`",
  });
}

async function missingName(context: Context, { yes }: NewFlags): Promise<string> {
  if (yes) return TEMPLATE_NAME;
  if (whyNoPrompt(context) !== undefined) {
    throw new Failure("usage", "Which name should the server have?", {
      next: `Name it, as in \`arcade new weather\`, or add \`--yes\` for ${TEMPLATE_NAME}`,
    });
  }
  const answer = await askForText(context, {
    text: `Name of the server (${TEMPLATE_NAME}): `,
    otherwise: "name it, as in `arcade new weather`",
  });
  return answer.trim() || TEMPLATE_NAME;
}

/** The command lines that test the server, call one of its tools, run it while it is written, and deploy it. */
function nextSteps(name: string, folder: string, os: Os): string[] {
  const place = folder.startsWith("-") ? `./${folder}` : folder;
  // The local Arcade runs no servers on Windows.
  return os === "windows"
    ? [
      `cd ${/^[\w.:/\\-]+$/.test(place) ? place : `"${place}"`}`,
      "uv sync",
      "arcade login",
      `arcade deploy --skip-validate -n ${name} -v 1.0.0`,
    ]
    : [
      `cd ${shellWord(place)}`,
      "uv sync",
      "arcade local exec --seed seed.yaml --auto-grant -- uv run pytest",
      `arcade local exec --seed seed.yaml -- arcade tool call ${toolkitOf(name)}.Greet --name Ada`,
      "arcade dev",
      "arcade login",
      "arcade deploy",
    ];
}
