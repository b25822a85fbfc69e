import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { load } from "js-yaml";
import { writeProgram } from "../../support/executable_files.ts";
import { fieldsOf } from "../../support/fields_of.ts";
import { areInstalled } from "../../support/programs.ts";
import { ProjectFolder } from "../../support/project_folder.ts";
import { blocksOf } from "../../support/reader.ts";
import { ROOT } from "../../support/root.ts";
import { BINARY, TestMachine } from "../../support/test_machine.ts";
import { PYTHON_ENVIRONMENT, serverFiles, withoutPython } from "../../support/test_server.ts";
import { shellWord } from "../../../src/text/shell_word.ts";

const FOLDER = `${ROOT}/examples`;
const WORKFLOW = `${FOLDER}/github-workflow/.github/workflows/arcade.yml`;

/** The examples, and what each of them pins. */
const EXAMPLES = {
  "application": ["package.json"],
  "github-workflow": ["pyproject.toml"],
  "tool-with-a-grant": ["pyproject.toml"],
};

Deno.test("each example is in the list of examples, and has a README of at most 40 lines", () => {
  const folders = [...Deno.readDirSync(FOLDER)].filter(({ isDirectory }) => isDirectory);
  assert.deepEqual(folders.map(({ name }) => name).sort(), Object.keys(EXAMPLES));
  const list = Deno.readTextFileSync(`${FOLDER}/README.md`);
  for (const { name } of folders) {
    assert(list.includes(`](${name})`), name);
    const lines = Deno.readTextFileSync(`${FOLDER}/${name}/README.md`).trimEnd().split("\n");
    assert(lines.length <= 40, `${name}: ${lines.length} lines`);
  }
});

for (const [name, files] of Object.entries(EXAMPLES)) {
  Deno.test(`the example ${name} pins its packages`, () => {
    for (const file of files) {
      const text = Deno.readTextFileSync(`${FOLDER}/${name}/${file}`);
      const packages = file.endsWith(".toml")
        ? [...text.matchAll(/"([\w-]+[=<>~].*?)"/g)].map(([, one = ""]) => one)
          .filter((one) => !one.startsWith(">"))
        : Object.entries(fieldsOf(JSON.parse(text).dependencies)).map((one) => one.join("=="));
      assert(packages.length > 0);
      for (const one of packages) assert.match(one, /^[@\w/-]+==\d+\.\d+\.\d+$/);
    }
  });
}

Deno.test("docs/github-actions.md shows the workflow of the example", () => {
  const page = Deno.readTextFileSync(`${ROOT}/docs/github-actions.md`);
  const [saved] = blocksOf(page).filter(({ file }) => file === ".github/workflows/arcade.yml");
  assert.equal(saved?.text, Deno.readTextFileSync(WORKFLOW));
});

Deno.test({
  name: "the server of the example application runs, and its user has granted the tool",
  ignore: Deno.build.os === "windows" || !areInstalled("node"),
  async fn() {
    await using machine = new TestMachine();
    const call = async (...args: string[]) => {
      const own = ["local", "exec", "--seed", `${FOLDER}/application/seed.yaml`, "--", BINARY];
      const env = { PATH: Deno.env.get("PATH") ?? "" };
      return await machine.run([...own, "tool", "call", "Mail.Send", "--text", "Hi", ...args], {
        env,
      });
    };
    const { code, stdout, stderr } = await call();
    assert.deepEqual([code, stdout], [0, "Mail to ada@example.com: Hi\n"], stderr);
    assert.equal((await call("--user", "bob@example.com")).code, 6);
  },
});

Deno.test({
  name: "the example of a tool with a grant is valid Python, and its seed grants it to one user",
  ignore: withoutPython,
  async fn() {
    await using machine = new TestMachine();
    const { folder, env } = standIns(machine);
    const example = `${FOLDER}/tool-with-a-grant`;
    for (const { name } of Deno.readDirSync(example)) {
      if (!name.endsWith(".py")) continue;
      const parse = ["python3", "-c", "import ast, sys; ast.parse(open(sys.argv[1]).read())"];
      const { code, stderr } = await machine.startProgram([...parse, `${example}/${name}`], { env })
        .end();
      assert.equal(code, 0, stderr);
    }
    // A server without packages in the place of the one in the example.
    for (const [path, text] of Object.entries(serverFiles())) {
      Deno.writeTextFileSync(`${folder}/${path.replace("server.py", "local_server.py")}`, text);
    }
    Deno.copyFileSync(`${example}/seed.yaml`, `${folder}/seed.yaml`);
    const list = ["--", BINARY, "auth", "list", "--json", "--user"];
    const grantsOf = async (user: string) => {
      const { stdout, stderr } = await machine.run(
        ["local", "exec", "--seed", "seed.yaml", ...list, user],
        { cwd: folder, env },
      );
      assert.notEqual(stdout, "", stderr);
      return JSON.parse(stdout).grants.map(({ provider }: { provider: string }) => provider);
    };
    assert.deepEqual(await grantsOf("ada@example.com"), ["github"]);
    assert.deepEqual(await grantsOf("bob@example.com"), []);
  },
});

Deno.test({
  name: "the steps of the example workflow install arcade, test the server, deploy it and call it",
  ignore: withoutPython || !areInstalled("bash", "curl"),
  async fn() {
    await using machine = new TestMachine();
    const { folder, env } = standIns(machine);
    const files = serverFiles();
    for (const [path, text] of Object.entries(files)) {
      Deno.writeTextFileSync(`${folder}/${path}`, text.replace('"TestServer"', '"Hello"'));
    }
    Deno.copyFileSync(`${FOLDER}/github-workflow/seed.yaml`, `${folder}/seed.yaml`);
    const { url, environment } = await machine.serve({ env: PYTHON_ENVIRONMENT });
    using installer = new ProjectFolder({
      "install.sh": `printf '#!/bin/sh\\nexec ${
        shellWord(BINARY)
      } "$@"\\n' > "$ARCADE_UNMANAGED_INSTALL/arcade"
chmod +x "$ARCADE_UNMANAGED_INSTALL/arcade"\n`,
    });
    Deno.mkdirSync(`${machine.home}/.local/bin`, { recursive: true });
    const expressions: Record<string, string> = {
      "vars.ARCADE_INSTALLER": pathToFileURL(`${installer.path}/install.sh`).href,
      "vars.ARCADE_URL": url,
      "secrets.ARCADE_API_KEY": environment.ARCADE_API_KEY ?? "",
    };
    const valuesOf = (of: unknown) =>
      Object.fromEntries(
        Object.entries(fieldsOf(of ?? {})).map(([name, value]) => [
          name,
          String(value).replace(/^\$\{\{ (.*) \}\}$/, (_, name) => expressions[name] ?? ""),
        ]),
      );
    const workflow = fieldsOf(load(Deno.readTextFileSync(WORKFLOW)));
    const ran: string[] = [];
    for (const job of Object.values(fieldsOf(workflow.jobs)).map(fieldsOf)) {
      const steps = Array.isArray(job.steps) ? job.steps.map(fieldsOf) : [];
      for (const { name, run } of steps) {
        if (run === undefined) continue;
        const added = await Deno.readTextFile(`${machine.path}/path`).catch(() => "");
        const { code, stdout, stderr } = await machine.startProgram(
          ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", String(run)],
          {
            cwd: folder,
            env: {
              ...env,
              ARCADE_COORDINATOR_URL: undefined,
              ARCADE_ENGINE_URL: undefined,
              CI: "true",
              GITHUB_PATH: `${machine.path}/path`,
              PATH: [...added.split("\n").filter(Boolean), env.PATH].join(":"),
              ...valuesOf(workflow.env),
              ...valuesOf(job.env),
            },
          },
        ).end();
        assert.equal(code, 0, `${name}: ${stdout}${stderr}`);
        if (/ tool call /.test(String(run))) ran.push(stdout);
      }
    }
    assert.deepEqual(ran, ["Hello, Ada! (1.0.0)\n", "Hello, Ada! (1.0.0)\n"]);
  },
});

/** A folder, and a `PATH` with stand-ins for uv and pipx, which would download packages. */
function standIns(machine: TestMachine) {
  const folder = `${machine.home}/folder`;
  const bin = `${machine.path}/bin`;
  for (const path of [folder, bin]) Deno.mkdirSync(path);
  const uv = `#!/bin/sh
[ "$1" = run ] || exit 0
shift
[ "$1" != --project ] || shift 2
shift
exec ${shellWord(PYTHON_ENVIRONMENT.PATH.split(":")[0] ?? "")}/python3 "$@"
`;
  writeProgram(`${bin}/uv`, uv);
  writeProgram(`${bin}/pipx`, "#!/bin/sh\n");
  return { folder, env: { PATH: `${bin}:${PYTHON_ENVIRONMENT.PATH}` } };
}
