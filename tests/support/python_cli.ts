/** The real Python CLI and Arcade's Python SDK, in a virtual environment. */

import { USER_CACHE } from "../../scripts/cache.ts";
import { PYTHON_CLI_VERSION } from "../../src/version.ts";
import type { Ran } from "./in_process.ts";
import { isAvailable, type ProcessOptions, type TestMachine } from "./test_machine.ts";

const CACHE = `${USER_CACHE}/arcade-tests`;
/** The virtual environment, which also has the package arcade-mcp-server. */
export const PYTHON_FOLDER = `${CACHE}/python-cli-${PYTHON_CLI_VERSION}`;
/** The folder of uv, and of the packages that it has downloaded. */
export const UV_FOLDER = `${CACHE}/uv-0.13.9`;

/** Whether tests with the Python CLI were not requested, or cannot run here. */
export const withoutPythonCli =
  !isAvailable("`deno task test:python`", () => Deno.env.has("ARCADE_TEST_PYTHON")) ||
  !isAvailable(
    "the Python CLI from PyPI, and a Python with venv",
    () => install(PYTHON_FOLDER, `arcade-mcp==${PYTHON_CLI_VERSION}`),
  );

/** Whether tests with uv were not requested, or cannot run here. */
export const withoutUv = withoutPythonCli ||
  !isAvailable("uv from PyPI", () => install(UV_FOLDER, "uv==0.13.9"));

/** Installs a package in a virtual environment, unless an earlier run did. */
function install(folder: string, requirement: string): boolean {
  // Written last, so that an incomplete installation is not used.
  const mark = `${folder}/complete`;
  try {
    return Deno.statSync(mark).isFile;
  } catch {
    // not installed yet
  }
  Deno.mkdirSync(CACHE, { recursive: true });
  const succeeds = (program: string, ...args: string[]) =>
    new Deno.Command(program, { args, stdin: "null", stdout: "null", stderr: "null" })
      .outputSync().success;
  const isInstalled = succeeds("python3", "-m", "venv", "--clear", folder) &&
    succeeds(`${folder}/bin/pip`, "install", "--quiet", requirement);
  if (isInstalled) Deno.writeTextFileSync(mark, "");
  return isInstalled;
}

/** Runs the Python CLI on a machine, with the same files and environment as `arcade`. */
export async function runPythonCli(
  machine: TestMachine,
  args: readonly string[],
  options: ProcessOptions = {},
): Promise<Ran> {
  const env = {
    ARCADE_USAGE_TRACKING: "0",
    ARCADE_DISABLE_AUTOUPDATE: "1",
    COLUMNS: "200",
    NO_COLOR: "1",
    ...options.env,
  };
  return await machine.startProgram([`${PYTHON_FOLDER}/bin/arcade`, ...args], { ...options, env })
    .end();
}

/** Runs a Python script that can import Arcade's SDK. */
export async function runPython(
  machine: TestMachine,
  script: string,
  args: readonly string[],
): Promise<Ran> {
  return await machine.startProgram([`${PYTHON_FOLDER}/bin/python`, "-c", script, ...args]).end();
}
