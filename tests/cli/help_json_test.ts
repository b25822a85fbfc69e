import assert from "node:assert/strict";
import { allCommands, typed } from "../../src/cli/declaration.ts";
import { EXIT_CODES_OF_FAILURES, exitCodeOf } from "../../src/cli/exit_code.ts";
import { PROGRAM } from "../../src/commands/program.ts";
import { ROUTES } from "../../src/commands/routes.ts";
import { EXIT_CODES } from "../../src/commands/topics.ts";
import type { FailureKind } from "../../src/failure.ts";
import { InProcess } from "../support/in_process.ts";

type Fields = Readonly<Record<string, unknown>>;

/** The kinds of the values of each key. */
const FLAG = {
  name: "string",
  letter: "string?",
  negation: "string?",
  brief: "string",
  type: "string",
  placeholder: "string?",
  values: "array?",
  values_from: "string?",
  minimum: "number?",
  maximum: "number?",
  default: "string?",
  without_value: "string?",
  required: "boolean",
  repeatable: "boolean",
  permissions: "array",
};
const ARGUMENT = {
  name: "string",
  brief: "string",
  required: "boolean",
  repeatable: "boolean",
  values: "array?",
  values_from: "string?",
};
const COMMAND = {
  command: "string",
  brief: "string",
  description: "string?",
  usage: "string",
  arguments: "array",
  flags: "array",
  exclusions: "array",
  examples: "array",
  permissions: "array",
  failure_exit: "number?",
  capabilities: "array",
};
const WHOLE = {
  program: "string",
  summary: "string",
  global_flags: "array",
  commands: "array",
  topics: "array",
  variables: "array",
  errors: "array",
  exit_codes: "array",
};

function assertForm(value: unknown, form: Readonly<Record<string, string>>): void {
  const fields = fieldsOf(value);
  assert.deepEqual(Object.keys(fields), Object.keys(form));
  for (const [key, kind] of Object.entries(form)) {
    const field = fields[key];
    if (field === null) assert(kind.endsWith("?"), `${key} is null`);
    else assert.equal(Array.isArray(field) ? "array" : typeof field, kind.replace("?", ""), key);
  }
}

function fieldsOf(value: unknown): Fields {
  assert(typeof value === "object" && value !== null);
  return Object.fromEntries(Object.entries(value));
}

function listOf(value: unknown): unknown[] {
  assert(Array.isArray(value));
  return value;
}

async function helpAsJson(...line: string[]): Promise<Fields> {
  using home = new InProcess();
  const { code, stdout, stderr } = await home.run(line);
  assert.deepEqual([code, stderr], [0, ""]);
  assert.deepEqual([...Deno.readDirSync(home.path)], []);
  return fieldsOf(JSON.parse(stdout));
}

Deno.test("`help --json` has every command and flag, in the format in docs/scripts.md", async () => {
  const whole = await helpAsJson("help", "--json");
  assertForm(whole, WHOLE);
  const declared = await allCommands(ROUTES);
  const commands = listOf(whole.commands).map(fieldsOf);
  assert.deepEqual(
    commands.map(({ command }) => command),
    declared.map(({ words }) => words.join(" ")),
  );
  for (const [i, command] of commands.entries()) {
    assertForm(command, COMMAND);
    for (const one of listOf(command.arguments)) assertForm(one, ARGUMENT);
    const flags = listOf(command.flags).map(fieldsOf);
    for (const one of flags) assertForm(one, FLAG);
    const own = Object.entries(declared[i]?.command.flags ?? {});
    assert.deepEqual(
      flags.map(({ name }) => name),
      own.map(([name, { takesRest, takesCommand, placeholder }]) =>
        takesCommand ? "--" : takesRest ? `--<${placeholder}>` : typed(name)
      ),
    );
  }
  for (const one of listOf(whole.global_flags)) assertForm(one, FLAG);
  assert.deepEqual(listOf(whole.topics).map(fieldsOf).map(({ name }) => name), [
    ...PROGRAM.topics.keys(),
  ]);
});

Deno.test("docs/scripts.md has every key of `help --json`", () => {
  const page = Deno.readTextFileSync(`${import.meta.dirname}/../../docs/scripts.md`);
  const [, rest = ""] = page.split("\n## The commands as JSON\n");
  const [section = ""] = rest.split("\n## ");
  const cells = [...section.matchAll(/^\| (`.*?) +\|/gm)].flatMap(([, cell = ""]) =>
    [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name)
  );
  assert.deepEqual(
    new Set(cells),
    new Set([WHOLE, COMMAND, FLAG].flatMap((form) => Object.keys(form))),
  );
});

Deno.test("the JSON of a flag contains everything in its declaration", async () => {
  const { commands } = await helpAsJson("help", "--json", "secret", "set");
  const [set, ...others] = listOf(commands).map(fieldsOf);
  assert.deepEqual(others, []);
  assert.deepEqual(set?.permissions, ["read", "write", "net"]);
  assert.deepEqual(set?.capabilities, ["secrets:read", "secrets:write"]);
  assert.deepEqual(listOf(set?.examples)[0], {
    line: "arcade secret set API_KEY",
    brief: "Ask for the value without showing it",
  });
  const flags = new Map(listOf(set?.flags).map(fieldsOf).map((flag) => [flag.name, flag]));
  assert.deepEqual(flags.get("--concurrency"), {
    name: "--concurrency",
    letter: null,
    negation: null,
    brief: "How many secrets to store at a time",
    type: "integer",
    placeholder: "number",
    values: null,
    values_from: null,
    minimum: 1,
    maximum: 64,
    default: "8",
    without_value: null,
    required: false,
    repeatable: false,
    permissions: [],
  });
  assert.equal(flags.get("--env-file")?.letter, "-f");
  assert.equal(flags.get("--env-file")?.values_from, "files");
  assert.equal(flags.get("--tls")?.negation, "--no-tls");
  assert.equal(flags.get("--json")?.type, "boolean");
});

Deno.test("every spelling of the JSON help is equivalent, and a group includes its commands", async () => {
  const expected = await helpAsJson("help", "--json", "secret", "set");
  for (const line of [["help", "secret", "set", "--json"], ["secret", "set", "--help", "--json"]]) {
    assert.deepEqual(await helpAsJson(...line), expected);
  }
  const { commands } = await helpAsJson("help", "secret", "--json");
  assert.deepEqual(listOf(commands).map(fieldsOf).map(({ command }) => command), [
    "secret set",
    "secret list",
    "secret unset",
  ]);
});

Deno.test("`help errors --json` has every error code with its exit code", async () => {
  const { topic, errors } = await helpAsJson("help", "errors", "--json");
  assert.equal(topic, "errors");
  const rows = listOf(errors).map(fieldsOf);
  assert.deepEqual(
    Object.fromEntries(rows.map(({ code, exit }) => [code, exit])),
    EXIT_CODES_OF_FAILURES,
  );
  for (const row of rows) {
    assert.deepEqual(Object.keys(row), ["code", "exit", "meaning", "next"]);
    assert(String(row.exit) in EXIT_CODES);
  }
});

Deno.test("every topic is available as JSON", async () => {
  for (const topic of PROGRAM.topics.keys()) {
    if (ROUTES.has(topic)) continue; // a group of commands with that name
    const shown = await helpAsJson("help", topic, "--json");
    assert.equal(shown.topic, topic);
  }
});

Deno.test("a command that exits with a program's exit code has its own code for most failures", () => {
  const kinds = Object.keys(EXIT_CODES_OF_FAILURES).filter((kind): kind is FailureKind =>
    kind in EXIT_CODES_OF_FAILURES
  );
  for (const kind of kinds) {
    const code = EXIT_CODES_OF_FAILURES[kind];
    assert.equal(exitCodeOf(kind), code);
    assert.equal(exitCodeOf(kind, 125), code > 125 ? code : 125);
  }
});
