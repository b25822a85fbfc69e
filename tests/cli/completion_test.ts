import assert from "node:assert/strict";
import { complete, type Completion } from "../../src/cli/completion.ts";
import { LISTS } from "../../src/commands/completion/lists.ts";
import { PROGRAM } from "../../src/commands/program.ts";
import {
  allCommands,
  type Command,
  command,
  flag,
  type Group,
  group,
  oneOf,
  parsedFlag,
  type Routes,
  typed,
  valueFlag,
} from "../../src/cli/declaration.ts";
import { ROUTES } from "../../src/commands/routes.ts";

/** Completes the last word of a line, with words separated by single spaces. */
async function completed(line: string, routes: Routes<never> = ROUTES): Promise<Completion> {
  const words = line.split(" ");
  return await complete(words.slice(0, -1), words.at(-1) ?? "", {
    program: { ...PROGRAM, routes },
    hasBriefs: true,
  });
}

/** The words that complete a line, `files`, or the name of a list with its prefix. */
async function wordsFor(line: string, routes?: Routes<never>): Promise<string[]> {
  const completion = await completed(line, routes);
  switch (completion.kind) {
    case "words":
      return completion.candidates.map(({ word }) => word);
    case "files":
      return ["files"];
    case "names":
      return [`${completion.before}<${completion.list}>`];
  }
}

const cases: [line: string, words: string[]][] = [
  ["wh", ["whoami"]],
  ["WH", ["whoami"]],
  ["s", ["secret", "server", "show"]],
  ["v", ["version"]],
  ["secret ", ["set", "list", "unset"]],
  ["secret u", ["unset"]],
  ["frobnicate ", []],
  ["frobnicate --", []],
  ["secret frobnicate ", []],
  ["--version --js", ["--json"]],
  ["version ", ["--verbose", "--json", "--help", "--debug", "--color", "--no-color"]],
  ["help fi", ["files"]],
  ["help sec", ["secret"]],
  ["help secret ", ["set", "list", "unset"]],
  ["help secret set ", []],
  ["help files ", []],
  ["secret list --js", ["--json"]],
  ["secret --js", ["--json"]],
  ["secret list --json --js", []],
  ["api GET /x --fie", ["--field"]],
  ["api GET /x --field a=b --fie", ["--field"]],
  ["login --no-b", ["--no-browser"]],
  ["login --no-browser --bro", []],
  ["login --device --no-b", []],
  ["login --no-browser --dev", []],
  ["login --browser --dev", ["--device"]],
  ["login --no-browser --browser --dev", ["--device"]],
  ["server logs x -f --unt", []],
  ["server logs x --until=1h --foll", []],
  ["deploy --yo", []],
  ["deploy --secrets ", ["auto", "all", "skip"]],
  ["deploy -s a", ["auto", "all"]],
  ["deploy --secrets=a", ["--secrets=auto", "--secrets=all"]],
  ["deploy --skip-validate=", []],
  ["deploy --no-such=", []],
  ["deploy --server-name ", []],
  ["deploy --entrypoint ", ["files"]],
  ["deploy --entrypoint=src/", ["files"]],
  ["secret list --context ", ["<contexts>"]],
  ["secret --context ", ["<contexts>"]],
  ["secret list --context=d", ["--context=<contexts>"]],
  ["secret set ", ["<secrets>"]],
  ["secret set KEY ", ["<secrets>"]],
  ["secret set KEY=va", []],
  ["secret set -- ", ["<secrets>"]],
  ["secret set -- --js", ["<secrets>"]],
  ["secret unset A ", ["<secrets>"]],
  ["server get ", ["<servers>"]],
  ["server get x --js", ["--json"]],
  ["server get --json ", ["<servers>"]],
  ["server get -- x ", []],
  ["org set ", ["<organizations>"]],
  ["context use ", ["<contexts>"]],
  ["identity show --hub ", ["<hubs>"]],
  ["api ", ["GET", "POST", "PUT", "PATCH", "DELETE"]],
  ["api GET ", []],
  ["mcp ", ["stdio", "http", "proxy", "logout"]],
  ["mcp p", ["proxy"]],
  ["mcp stdio -- ", []],
  ["completion p", ["powershell"]],
];
for (const [line, words] of cases) {
  Deno.test(`\`arcade ${line}\` is completed to ${words.join(", ") || "nothing"}`, async () => {
    assert.deepEqual(await wordsFor(line), words);
  });
}

Deno.test("an empty word of a command without arguments is completed to its flags", async () => {
  const words = await wordsFor("whoami --json ");
  assert.deepEqual(words, ["--check", "--context", "--help", "--debug", "--color", "--no-color"]);
});

for (const { words, command } of await allCommands(ROUTES)) {
  Deno.test(`\`arcade ${words.join(" ")}\` is completed as declared`, async () => {
    for (const [i, word] of words.entries()) {
      assert((await wordsFor([...words.slice(0, i), word].join(" "))).includes(word), word);
      const subjects = await wordsFor(["help", ...words.slice(0, i), word].join(" "));
      assert(subjects.includes(word), word);
    }
    const flags = await wordsFor([...words, "--"].join(" "));
    for (const [name, { takesRest, takesCommand }] of Object.entries(command.flags)) {
      assert(takesRest || takesCommand || flags.includes(typed(name)), name);
    }
    for (const { values } of [...Object.values(command.flags), command.argument ?? {}]) {
      const isList = typeof values === "string" && values !== "files";
      assert(!isList || LISTS.has(values), `There is no list of ${values}`);
    }
  });
}

Deno.test("every topic of `arcade help` is completed", async () => {
  for (const topic of PROGRAM.topics.keys()) {
    assert((await wordsFor(`help ${topic}`)).includes(topic), topic);
  }
});

const greet = command({
  brief: "Greet a user",
  examples: [],
  flags: {
    loud: flag("Greet in capital letters"),
    language: parsedFlag("language", "Its language", { parse: oneOf("en", "de") }),
    card: valueFlag("path", "A card", { values: "files" }),
  },
  argument: { placeholder: "name", brief: "Who is greeted", count: "some", values: "hubs" },
  needs: [],
  load: () => Promise.reject(new Error("The command was loaded for its completion")),
});

Deno.test("a new command is completed from its declaration alone", async () => {
  const routes: Routes<never> = new Map<string, () => Promise<Command<never> | Group<never>>>([
    ["greet", () => Promise.resolve(greet)],
    ["many", () => Promise.resolve(group("Many commands", { greet }))],
  ]);
  for (const words of ["greet", "many greet"]) {
    assert.deepEqual(await wordsFor(`${words} --l`, routes), ["--loud", "--language"]);
    assert.deepEqual(await wordsFor(`${words} --language `, routes), ["en", "de"]);
    assert.deepEqual(await wordsFor(`${words} --card `, routes), ["files"]);
    assert.deepEqual(await wordsFor(`${words} Ada `, routes), ["<hubs>"]);
  }
  assert.deepEqual(await completed("gr", routes), {
    kind: "words",
    candidates: [{ word: "greet", brief: "Greet a user" }],
  });
});

Deno.test("only the declarations that are needed are loaded", async () => {
  const loaded: string[] = [];
  const routes: Routes<never> = new Map(
    [...ROUTES].map(([word, load]) => [word, () => {
      loaded.push(word);
      return load();
    }]),
  );
  const loadedFor = async (line: string, hasBriefs: boolean) => {
    loaded.length = 0;
    const words = line.split(" ");
    await complete(words.slice(0, -1), words.at(-1) ?? "", {
      program: { ...PROGRAM, routes },
      hasBriefs,
    });
    return [...loaded];
  };
  assert.deepEqual(await loadedFor("secret set --js", true), ["secret"]);
  assert.deepEqual(await loadedFor("secret ", true), ["secret"]);
  assert.deepEqual(await loadedFor("se", true), []);
  assert.deepEqual(await loadedFor("", true), []);
  assert.deepEqual(await loadedFor("", false), []);
});

Deno.test("first words are completed with the briefs of their declarations", async () => {
  const briefs = await Promise.all(
    [...ROUTES].map(async ([word, load]) => ({ word, brief: (await load()).brief })),
  );
  const help = { word: "help", brief: "Show the help of a command or a topic" };
  assert.deepEqual(await completed(""), { kind: "words", candidates: [...briefs, help] });
});

Deno.test("a list includes the flags and names on the command line", async () => {
  assert.deepEqual(await completed("secret unset A --project Staging B --org=x "), {
    kind: "names",
    list: "secrets",
    before: "",
    taken: ["A", "B"],
    args: ["A", "B"],
    pending: undefined,
    others: [],
    flags: { project: "Staging", org: "x" },
  });
});

Deno.test("after the `--` that starts a command, files are offered", async () => {
  for (const words of [["tool", "call", "a", "--"], ["tool", "call", "--", "x"]]) {
    const completion = await complete(words, "", { program: PROGRAM, hasBriefs: false });
    assert.deepEqual(completion, { kind: "files" });
  }
});
