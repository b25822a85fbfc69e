import assert from "node:assert/strict";
import { load } from "js-yaml";
import { parse } from "smol-toml";
import { filesFor, TEMPLATE_NAME, toolkitOf } from "../../../src/commands/new/template.ts";
import { parseEnvFile } from "../../../src/commands/shared/env_file.ts";
import { readCommandLine } from "../../../src/cli/command_line.ts";
import { PROGRAM } from "../../../src/commands/program.ts";
import { pythonWith } from "../../support/python.ts";
import { ROOT } from "../../support/root.ts";
import { isAvailable } from "../../support/test_machine.ts";

const FOLDER = `${ROOT}/src/commands/new/template`;
const files = filesFor("weather_api");
const REPOSITORY = "https://github.com/OWNER/arcade";

function textOf(path: string, of = files): string {
  const text = of.get(path);
  assert(text !== undefined, path);
  return text;
}

function pathsIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
    isDirectory ? pathsIn(`${folder}/${name}`).map((path) => `${name}/${path}`) : [name]
  );
}

Deno.test("a new project has every file of the template, which is itself a project", () => {
  const same = filesFor(TEMPLATE_NAME, undefined);
  assert.deepEqual([...same.keys()].sort(), pathsIn(FOLDER).sort());
  for (const [path, text] of same) assert.equal(text, Deno.readTextFileSync(`${FOLDER}/${path}`));
});

Deno.test("a new project has its own name wherever the template has another", () => {
  for (const [path, text] of files) assert.doesNotMatch(text, /my_?server/i, path);
  assert.match(textOf("server.py"), /MCPApp\(name="weather_api"/);
  assert.match(textOf("tests/test_server.py"), /"WeatherApi\.\{tool\}"/);
});

for (
  const [name, toolkit] of [
    ["weather", "Weather"],
    ["my_server", "MyServer"],
    ["a_2b_c", "A2bC"],
  ] as const
) {
  Deno.test(`the toolkit of ${name} is ${toolkit}`, () => assert.equal(toolkitOf(name), toolkit));
}

Deno.test("the pyproject.toml is valid, and its name differs from the packages that it needs", () => {
  const parsed = parse(textOf("pyproject.toml"));
  assert(typeof parsed.project === "object" && "dependencies" in parsed.project);
  const { name, dependencies } = parsed.project;
  assert.equal(name, "weather_api-tools");
  assert(Array.isArray(dependencies));
  // The lowest version was tried, and the next major version does not exist yet.
  for (const one of dependencies) assert.match(String(one), /^[\w-]+>=\d+\.\d+\.\d+,<\d+$/);
});

Deno.test("the .env.example has the secrets of the tools, and git ignores the .env", () => {
  const keys = [...textOf("server.py").matchAll(/requires_secrets=\["(\w+)"\]/g)].map(([, key]) =>
    key
  );
  assert.deepEqual(keys, ["MY_SECRET_KEY"]);
  assert.deepEqual([...parseEnvFile(textOf(".env.example")).keys], keys);
  for (const key of keys) {
    assert.match(textOf("seed.yaml"), new RegExp(`^  ${key}: `, "m"));
    assert(textOf(".github/workflows/deploy.yml").includes(`${key}: \${{ secrets.${key} }}`));
  }
  assert.match(textOf(".gitignore"), /^\.env$/m);
});

interface Workflow {
  readonly permissions: unknown;
  readonly jobs: {
    readonly server: {
      readonly steps: readonly { readonly uses?: string; readonly run?: string }[];
    };
  };
}

Deno.test("the workflow reads the repository only, and its actions are pinned", () => {
  const { permissions, jobs: { server: { steps } } } = load(
    textOf(".github/workflows/deploy.yml"),
  ) as Workflow;
  assert.deepEqual(permissions, { contents: "read" });
  const uses = steps.flatMap(({ uses }) => uses ?? []);
  assert(uses.length > 0);
  for (const one of uses) assert.match(one, /@[0-9a-f]{40}$/);
  // Scripts contain no expressions, which could expand to anything.
  for (const { run = "" } of steps) assert.doesNotMatch(run, /\$\{\{/);
});

Deno.test("the workflow installs the arcade of the build's releases, or asks for an address", () => {
  const path = ".github/workflows/deploy.yml";
  const without = filesFor("weather", undefined);
  assert.match(textOf(path, without), /INSTALLER: \$\{\{ vars\.ARCADE_INSTALLER \}\}$/m);
  assert.match(textOf("README.md", without), /^- the variable `ARCADE_INSTALLER`/m);
  const released = filesFor("weather", REPOSITORY);
  const address = `${REPOSITORY}/releases/latest/download/install.sh`;
  assert(textOf(path, released).includes(`INSTALLER: ${address}\n`));
  assert(Deno.readTextFileSync(`${ROOT}/docs/install.md`).includes(address));
  for (const text of released.values()) assert.doesNotMatch(text, /ARCADE_INSTALLER|no release/);
  assert.match(textOf("README.md", released), /\n- the secrets `ARCADE_API_KEY`.*\n$/);
});

for (const [path, text] of files) {
  const lines = text.split("\n").flatMap((line) => line.trim().split(/ -- |`/))
    .filter((line) => line.startsWith("arcade "));
  for (const line of new Set(lines)) {
    Deno.test(`${path} of a new project: \`${line}\` is valid`, async () => {
      const words = line.replace(/\s+#.*/, "").split(" ").slice(1);
      const isCut = words.includes("exec");
      const read = await readCommandLine(isCut ? [...words, "--", "true"] : words, PROGRAM);
      assert.notEqual(read.kind, "mistake");
    });
  }
}
assert(files.size > 0);

const python = pythonWith("ast");
Deno.test({
  name: "the Python files of a new project are valid",
  ignore: !isAvailable("python3", () => python !== undefined),
  async fn() {
    for (const [path, text] of files) {
      if (!path.endsWith(".py")) continue;
      const command = new Deno.Command(python ?? "", {
        args: ["-c", "import ast, sys; ast.parse(sys.argv[1])", text],
      });
      const { success, stderr } = await command.output();
      assert(success, new TextDecoder().decode(stderr));
    }
  },
});
