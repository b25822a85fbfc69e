import assert from "node:assert/strict";
import { readCommandLine } from "../../src/cli/command_line.ts";
import {
  type Command,
  command,
  commandFlag,
  defaultFlag,
  flag,
  type Group,
  group,
  parsedFlag,
  repeatableFlag,
  requiredFlag,
  type Routes,
  text,
  valueFlag,
  wholeNumber,
} from "../../src/cli/declaration.ts";

const TOPICS = new Map(["environment", "exit-codes", "telemetry"].map((one) => [one, one]));
const nothing = {
  brief: "Nothing",
  examples: [],
  needs: [],
  load: () => Promise.resolve(() => {}),
};
const addressFlags = {
  host: valueFlag("name", "Host"),
  port: parsedFlag("number", "Port", { parse: wholeNumber(1, 9) }),
  tls: flag("TLS", { hasNegation: true }),
};
const ROUTES: Routes<unknown> = new Map<
  string,
  () => Promise<Command<unknown> | Group<unknown>>
>([
  ["version", () => Promise.resolve(command({ ...nothing, flags: { json: flag("JSON") } }))],
  ["whoami", () => Promise.resolve(command({ ...nothing, flags: { json: flag("JSON") } }))],
  ["secret", () =>
    Promise.resolve(group("Secrets", {
      list: command({ ...nothing, flags: { ...addressFlags, json: flag("JSON") } }),
      set: command({
        ...nothing,
        flags: {
          ...addressFlags,
          dryRun: flag("Dry run"),
          envFile: valueFlag("path", "File", { letter: "f" }),
          yes: flag("Yes", { letter: "y" }),
          label: repeatableFlag("text", "Label"),
          mode: defaultFlag("mode", "Mode", { parse: text, default: "slow" }),
        },
        argument: { placeholder: "key", brief: "A key", count: "any" },
      }),
      unset: command({
        ...nothing,
        argument: { placeholder: "key", brief: "A key", count: "some" },
      }),
      show: command({
        ...nothing,
        flags: { hub: requiredFlag("url", "Hub") },
        argument: { placeholder: "key", brief: "A key", count: "one" },
      }),
    }))],
]);
const PROGRAM = { routes: ROUTES, topics: TOPICS };

async function read(line: string) {
  return await readCommandLine(line.split(" ").filter((word) => word !== ""), PROGRAM);
}

/** The parsed command line in one line: its words, then its flags, then its arguments. */
async function parsed(line: string): Promise<string> {
  const found = await read(line);
  if (found.kind === "mistake") {
    const { kind, ...more } = found.mistake;
    return `${kind} ${Object.values(more).filter((one) => one !== undefined).join(" ")}`.trim();
  }
  if (found.kind !== "command") {
    const subject = found.kind === "help" && typeof found.subject === "string" ? found.subject : "";
    return `${found.kind} ${[...found.words, subject].join(" ")}`.trim();
  }
  const values = Object.entries(found.values).map(([name, value]) => `${name}=${value}`);
  return [...found.words, ...values, ...found.args].join(" ");
}

const LINES: Readonly<Record<string, string>> = {
  "whoami": "whoami",
  "whoami --json": "whoami json=true",
  "whoami --json=no": "whoami json=false",
  "--json whoami": "whoami json=true",
  "--debug whoami": "whoami",
  "secret list --host x": "secret list host=x",
  "secret --host x list": "secret list host=x",
  "secret --host list list": "secret list host=list",
  "--host x secret list": "secret list host=x",
  "secret --host=x --port 1 --no-tls list --json": "secret list host=x port=1 tls=false json=true",
  "secret list --tls --no-tls": "secret list tls=false",
  "secret --no-tls list --tls": "secret list tls=true",
  "secret list --no-tls=no": "secret list tls=true",
  "secret set": "secret set mode=slow",
  "secret set A B": "secret set mode=slow A B",
  "secret set A --mode fast B": "secret set mode=fast A B",
  "secret set -f x": "secret set envFile=x mode=slow",
  "secret set -fx": "secret set envFile=x mode=slow",
  "secret set -f=x": "secret set envFile=x mode=slow",
  "secret set -yf x": "secret set envFile=x yes=true mode=slow",
  "secret set --env-file -": "secret set envFile=- mode=slow",
  "secret set --env-file=": "secret set envFile= mode=slow",
  "secret set --label a --label b": "secret set label=a,b mode=slow",
  "secret set --mode=-x": "secret set mode=-x",
  "secret set --mode -1": "secret set mode=-1",
  "secret set - -1": "secret set mode=slow - -1",
  "secret set --dry-run -- --tls -y": "secret set dryRun=true mode=slow --tls -y",
  "secret show A --hub x": "secret show hub=x A",
  // Help and version
  "": "help",
  "--help": "help",
  "-h whoami": "help whoami",
  "whoami --help": "help whoami",
  "whoami --wrong -h": "help whoami",
  "secret": "help secret",
  "secret --debug": "help secret",
  "secret -- list": "help secret",
  "secret frobnicate --help": "help secret",
  "frobnicate --help": "help",
  "help": "help",
  "help secret": "help secret",
  "help secret set": "help secret set",
  "help exit-codes": "help exit-codes",
  "help environment": "help environment",
  "version": "version",
  "--version": "version",
  "-v": "version",
  "--version --json": "version json=true",
  "version --debug": "version",
  "--debug version --json": "version json=true",
  // Usage errors
  "frobnicate": "unknown-command frobnicate",
  "frobnicate secret": "unknown-command frobnicate secret",
  "secret frobnicate": "unknown-command frobnicate",
  "secret toString": "unknown-command toString",
  "--frobnicate": "unknown-flag --frobnicate",
  "whoami --frobnicate": "unknown-flag --frobnicate",
  "whoami --frobnicate=x": "unknown-flag --frobnicate=x",
  "whoami -x": "unknown-flag -x",
  "secret set --dryRun": "unknown-flag --dryRun",
  "secret list --no-json": "unknown-flag --no-json",
  "secret set -y- --dry-run": "unknown-flag -y-",
  "secret set -y--dry-run": "unknown-flag -y--dry-run",
  "secret list --host": "needs-value --host",
  "secret list --host --json": "needs-value --host",
  "secret list --host x --host y": "repeated-flag --host",
  "whoami --json=x": "takes-no-value --json",
  "whoami --debug=x": "takes-no-value --debug",
  "secret list --no-tls=x": "takes-no-value --no-tls",
  "secret list --port 10": "wrong-value --port expected a whole number from 1 to 9",
  "secret list --port x": "wrong-value --port expected a whole number from 1 to 9",
  "whoami extra": "unexpected-argument extra",
  "secret unset": "missing-argument key",
  "secret show A": "missing-flag --hub url",
  "secret show --hub x A B": "unexpected-argument B",
};
for (const [line, expected] of Object.entries(LINES)) {
  Deno.test(`readCommandLine() parses \`${line}\` as ${expected}`, async () => {
    assert.equal(await parsed(line), expected);
  });
}

const GLOBAL: Readonly<Record<string, { debug: boolean; color: boolean }>> = {
  "whoami": { debug: false, color: true },
  "secret --debug list --no-color": { debug: true, color: false },
  "secret set -- --debug": { debug: false, color: true },
  "whoami --debug=1": { debug: true, color: true },
  "whoami --debug=False": { debug: false, color: true },
  "whoami --no-color=yes": { debug: false, color: false },
  "whoami --no-color=no": { debug: false, color: true },
  "whoami --color": { debug: false, color: true },
  "whoami --color=off": { debug: false, color: false },
  "whoami --frobnicate --debug": { debug: true, color: true },
  "frobnicate --no-color": { debug: false, color: false },
};
for (const [line, expected] of Object.entries(GLOBAL)) {
  Deno.test(`readCommandLine() reads the global flags of \`${line}\``, async () => {
    const { debug, color } = (await read(line)).global;
    assert.deepEqual({ debug, color }, expected);
  });
}

Deno.test("readCommandLine() returns the typed text without the words", async () => {
  assert.deepEqual((await read("secret --host secret set set")).rest, ["--host", "secret", "set"]);
});

Deno.test("arguments that are not UTF-8 text are refused in every position", async () => {
  for (
    const line of [["secret", "set", "A=x\uFFFDy"], ["\uFFFD"], ["whoami", "--help", "\uFFFD"]]
  ) {
    const read = await readCommandLine(line, PROGRAM);
    assert.equal(read.kind, "mistake");
    assert.deepEqual(read.kind === "mistake" && read.mistake, { kind: "not-utf-8" });
  }
});

Deno.test("if `--` starts a command, everything after it belongs to that command", async () => {
  const call = command({
    ...nothing,
    flags: { ...addressFlags, program: commandFlag("A program"), help: flag("Help") },
    argument: { placeholder: "name", brief: "A name", count: "one" },
  });
  const routes = new Map([["call", () => Promise.resolve(call)]]);
  const read = (...line: string[]) => readCommandLine(line, { routes, topics: TOPICS });
  const line = await read("call", "a", "--port", "1", "--", "run", "--port", "2", "--", "--json");
  assert(line.kind === "command");
  assert.deepEqual(line.args, ["a"]);
  assert.deepEqual(line.values, { port: 1, program: ["run", "--port", "2", "--", "--json"] });
  assert.equal(line.global.json, false);
  const without = await read("call", "a");
  assert(without.kind === "command");
  assert.deepEqual(without.values, {});
  for (const words of [["a", "--"], ["--", "a"]]) {
    const wrong = await read("call", ...words);
    assert(wrong.kind === "mistake");
    assert.equal(wrong.mistake.kind, "missing-argument");
  }
  const help = await read("call", "a", "--help", "--", "run", "--help");
  assert(help.kind === "command");
  assert.equal(help.values.help, true);
});
