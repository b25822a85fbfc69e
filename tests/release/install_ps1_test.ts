import assert from "node:assert/strict";
import { osOf, TARGETS } from "../../scripts/targets.ts";
import { isAvailable } from "../support/test_machine.ts";

const SCRIPT = `${ROOT}/scripts/release/install.ps1`;
const PARSE = `
import sys, tree_sitter_powershell
from tree_sitter import Language, Parser
tree = Parser(Language(tree_sitter_powershell.language())).parse(sys.stdin.buffer.read())
sys.exit(1 if tree.root_node.has_error else 0)
`;
import { ROOT } from "../support/root.ts";

/** Whether the parser accepts the script. */
async function parses(script: string): Promise<boolean> {
  const child = new Deno.Command("python3", {
    args: ["-c", PARSE],
    stdin: "piped",
    stdout: "null",
    stderr: "null",
  }).spawn();
  await new Blob([script]).stream().pipeTo(child.stdin);
  return (await child.status).success;
}

const hasParser = isAvailable(
  "the packages tree-sitter and tree-sitter-powershell from PyPI",
  () =>
    new Deno.Command("python3", {
      args: ["-c", "import tree_sitter, tree_sitter_powershell"],
      stderr: "null",
    }).outputSync().success,
);

Deno.test({
  name: "a parser for PowerShell accepts install.ps1 and rejects a truncated script",
  ignore: !hasParser,
  fn: async () => {
    const script = await Deno.readTextFile(SCRIPT);
    assert(await parses(script));
    assert(!await parses(script.slice(0, script.length / 2)));
  },
});

Deno.test("install.ps1 calls its functions only in the last line", async () => {
  const script = await Deno.readTextFile(SCRIPT);
  const lines = script.trimEnd().split("\n");
  assert.equal(lines.pop(), "Main");
  const outside = lines.filter((line) => /^\w+(?:-\w+)?(?: |$)/.test(line));
  assert.deepEqual([...new Set(outside.map((line) => line.split(" ")[0]))], ["function"]);
});

Deno.test("install.ps1 downloads from a mirror too, ignores the user's defaults, and compares folders without a final slash", async () => {
  const script = await Deno.readTextFile(SCRIPT);
  const addresses = [...script.matchAll(/Get-File "([^"]+)"/g)].map(([, address]) => address);
  assert.deepEqual(addresses, [
    "$Releases/download/v$ThisVersion/$name.zip",
    "$Releases/download/v$Wanted/install.ps1",
  ]);
  assert.match(script, /function Main \{\n.*\n {4}\$PSDefaultParameterValues = @\{\}/);
  const compared = script.split("\n").filter((line) => /-(?:contains|ne) \$Folder\b/.test(line));
  assert.equal(compared.length, 3);
  for (const line of compared) assert.equal(line.match(/TrimEnd\('\\', '\/'\)/g)?.length, 2, line);
});

Deno.test("install.ps1 chooses the archive by the processor of the machine, with its checksum", async () => {
  const script = await Deno.readTextFile(SCRIPT);
  assert.match(script, /\$machine\.PROCESSOR_ARCHITECTURE -eq 'ARM64'/);
  assert.doesNotMatch(script, /\$env:PROCESSOR_ARCHITECTURE/);
  for (const target of TARGETS.filter((one) => osOf(one) === "windows")) {
    assert.match(script, new RegExp(`return '${target}'`));
    assert.match(script, new RegExp(`'${target}' += '@${target}@'\\n`));
  }
});

Deno.test("install.ps1 replaces and removes no other program, verifies the checksum before it unpacks, and runs the new program before it replaces the old one", async () => {
  const script = await Deno.readTextFile(SCRIPT);
  const steps = [
    "if (Test-OtherProgram $path)",
    "Get-FileHash",
    "Expand-Archive",
    "& $staged --version",
    "Move-Over $staged",
  ];
  const places = steps.map((step) => script.indexOf(step));
  assert.deepEqual(places, places.toSorted((a, b) => a - b));
  assert(!places.includes(-1));
  const removal = script.slice(script.indexOf("function Uninstall-Arcade"));
  const [check, remove] = ["Test-OtherProgram $installed.path", "Remove-Item $installed.path"]
    .map((step) => removal.indexOf(step));
  assert(check !== undefined && remove !== undefined && check > 0 && check < remove);
});
