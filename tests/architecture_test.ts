import assert from "node:assert/strict";
import { isFile } from "../src/system/paths.ts";
import { ROOT } from "./support/root.ts";

const root = new URL("..", import.meta.url);

/** The modules below all others. */
const FLOOR = ["contract", "files", "hosts", "secrecy", "system", "text"];

const OF_COMMANDS = [
  "cli",
  "target",
  "auth",
  "api",
  "telemetry",
  "update",
  "clients",
  "store",
  "dev",
  "local",
  "mcp",
  "terminal",
  ...FLOOR,
];

/** The modules that each module may import from. Every module may import the files directly in `src/`. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  process: ["commands", ...OF_COMMANDS],
  commands: OF_COMMANDS,
  cli: ["terminal", "secrecy", "system", "text"],
  target: ["auth", "api", "store", ...FLOOR],
  auth: ["api", "store", ...FLOOR],
  api: FLOOR,
  telemetry: ["api", "store", "terminal", ...FLOOR],
  update: ["api", ...FLOOR],
  clients: ["store", ...FLOOR],
  store: FLOOR,
  dev: ["local", ...FLOOR],
  local: FLOOR,
  mcp: ["api", ...FLOOR],
  terminal: ["secrecy", "system", "text"],
  files: ["contract", "hosts", "secrecy", "system", "text"],
  hosts: ["contract"],
  secrecy: ["text"],
  system: ["contract", "hosts", "text"],
  contract: [],
  text: [],
};

const files = await sources("src");

for (const [module, allowed] of Object.entries(ALLOWED)) {
  Deno.test(`src/${module} imports only from the allowed modules`, () => {
    const wrong = files.filter(({ path }) => path.startsWith(`src/${module}/`)).flatMap(
      ({ path, code }) =>
        importsOf(path, code).filter((target) => {
          const [, other = "", ...rest] = target.split("/");
          return rest.length > 0 && other !== module &&
            !allowed.some((one) => one === other || `src/${one}` === target);
        }).map((target) => `${path} imports ${target}`),
    );
    assert.deepEqual(wrong, []);
  });
}

Deno.test("commands do not import each other: a folder of src/commands/ imports only shared/ and itself", () => {
  const wrong = files.flatMap(({ path, code }) => {
    const [, own] = /^src\/commands\/(\w+)\//.exec(path) ?? [];
    return own === undefined ? [] : importsOf(path, code).filter((target) => {
      const [, other] = /^src\/commands\/(\w+)(?:\/|\.ts$)/.exec(target) ?? [];
      return other !== undefined && ![own, "shared", "context"].includes(other);
    }).map((target) => `${path} imports ${target}`);
  });
  assert.deepEqual(wrong, []);
});

Deno.test("cli/ does not mention the product", () => {
  const product =
    /arcade|engine|coordinator|organization|project|secret|hub|mcp|python|telemetry|capabilit|deploy/i;
  for (const { path, code } of files) {
    const ownWords = code.replaceAll('"secret-missing"', ""); // a kind of failure (src/failure.ts)
    if (path.startsWith("src/cli/")) assert.doesNotMatch(ownWords, product, path);
  }
});

Deno.test("every module of src/ is covered", () => {
  const modules = files.map(({ path }) => path.split("/")).filter(({ length }) => length > 2);
  assert.deepEqual(new Set(modules.map(([, module]) => module)), new Set(Object.keys(ALLOWED)));
});

Deno.test("docs/architecture.md lists the allowed imports of every module", async () => {
  const page = await Deno.readTextFile(new URL("docs/architecture.md", root));
  const floor = FLOOR.map((one) => `\`${one}\``).join(", ");
  assert(page.includes(`The floor is ${floor}:`), "the modules of the floor");
  for (const [module, allowed] of Object.entries(ALLOWED)) {
    const [, documented = ""] =
      new RegExp(`^\\| \`${module}/\` .*\\| (.+?) +\\|$`, "m").exec(page) ??
        [];
    const others = Object.keys(ALLOWED).filter((one) => one !== module && !allowed.includes(one));
    const names = allowed.map((one) => `\`${one}\``).join(", ").replace(floor, "the floor");
    const all = ["all others", `all but \`${others[0]}\``][others.length];
    assert.equal(documented, all ?? (names || "none"), module);
  }
});

Deno.test("every import resolves to a file, which `deno check` does not check for dynamic imports", () => {
  const paths = new Set(files.map(({ path }) => path));
  const wrong = files.flatMap(({ path, code }) =>
    importsOf(path, code).filter((target) =>
      target.startsWith("src/") && !paths.has(target) &&
      (target.endsWith(".ts") || !isFile(`${ROOT}/${target}`))
    ).map((target) => `${path} imports ${target}`)
  );
  assert.deepEqual(wrong, []);
});

Deno.test("there are no circular imports", () => {
  const graph = new Map(files.map(({ path, code }) => [path, importsOf(path, code)]));
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    assert(!trail.includes(path), [...trail, path].join(" -> "));
    if (done.has(path)) return;
    for (const target of graph.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
});

Deno.test("src/ reaches the environment, the clock and randomness only through the context", () => {
  // Prompts and console output also go through the context.
  const forbidden =
    /\bDeno\.env\b|\bDate\.now\(|\bnew Date\(\)|\bMath\.random\b|\bconsole\.|\bprompt\(|\balert\(/;
  const allowed = new Set([
    "src/process/context.ts",
    "src/process/launch.ts",
    "src/process/network.ts",
    "src/process/environment.ts",
    "src/api/socket_client.ts",
    "src/process/fetch.ts",
    "src/local/mod.ts",
  ]);
  for (const { path, code } of files) {
    if (!allowed.has(path)) assert.doesNotMatch(withoutComments(code), forbidden, path);
  }
});

Deno.test("one file prompts users, and one file decides whether a user is present", () => {
  const asking = files.filter(({ path, code }) =>
    !path.startsWith("src/terminal/") &&
    importsOf(path, code).some((one) => /^src\/terminal\/(?:prompt|picker)\.ts$/.test(one))
  );
  assert.deepEqual(asking.map(({ path }) => path), ["src/commands/shared/input.ts"]);
  // Whether telemetry is off in CI does not ask a user.
  const allowed = new Set(["src/system/attendance.ts", "src/telemetry/tracking.ts"]);
  for (const { path, code } of files) {
    if (!allowed.has(path)) {
      assert.doesNotMatch(withoutComments(code), /isOn\([\w.]*env\.CI\)/, path);
    }
  }
});

Deno.test("no common command imports node:*, which slows down startup", () => {
  for (const { path, code } of files) {
    if (!path.startsWith("src/local/")) assert.doesNotMatch(code, /from "node:/, path);
  }
});

/** Code that uses the URL of a file as a path, which fails for folders with a space, an umlaut or a drive letter. */
function urlsUsedAsPaths(code: string): string[] {
  const plain = withoutComments(code);
  const urls = plain.matchAll(/(\w+) = new URL\([^()]*, import\.meta\.url\);/g);
  const names = ["import\\.meta\\.url\\)?", "mainModule\\)?", ...[...urls].map(([, name]) => name)];
  return [
    `\\b(?:${names.join("|")})(?:\\.pathname|\\.replace|\\.slice|\\.href\\.\\w+\\()`,
    `\\$\\{(?:${names.join("|")})\\}`,
    "file://(?!/)", // joined with a path, or cut off
    "['\"]\\$\\{(?:BINARY|ROOT)\\}", // a word of a shell without `shellWord`
  ].flatMap((mistake) => plain.match(new RegExp(mistake, "g")) ?? []);
}

Deno.test("the URL of a file is never used as its path: a folder name can have a space or an umlaut", async () => {
  const main = { path: "main.ts", code: await Deno.readTextFile(new URL("main.ts", root)) };
  const others = await Promise.all(["scripts", "tests", ".ci"].map(sources));
  for (const { path, code } of [main, ...files, ...others.flat()]) {
    if (path !== "tests/architecture_test.ts") assert.deepEqual(urlsUsedAsPaths(code), [], path);
  }
  for (
    const wrong of [
      'const a = new URL("..", import.meta.url).pathname;',
      'const a = new URL("..", import.meta.url);\nopen(a.pathname);',
      'const a = new URL("..", import.meta.url);\nrun(`${a}`);',
      'const a = new URL("..", import.meta.url).href.replace("file:", "");',
      "const a = import.meta.url.slice(7);",
      "const a = new URL(Deno.mainModule).pathname;",
      "const a = `file://${path}`;",
      'const a = url.replace("file://", "");',
      "const a = `cd '${ROOT}' && make`;",
    ]
  ) assert.notDeepEqual(urlsUsedAsPaths(wrong), [], wrong);
});

Deno.test("messages of failures start with a capital letter and end without a period", () => {
  const messages = files.flatMap(({ path, code }) =>
    [...code.matchAll(/new Failure\(\s*"[\w-]+",\s*(["`])((?:\\.|(?!\1)[^\\])*)\1(?=,|\)|\s\+)/g)]
      .map((
        [, , message = ""],
      ) => ({ path, message }))
  );
  assert(messages.length > 100);
  for (const { path, message } of messages) {
    // A program has its name, and what a value should be follows the name of its flag.
    assert.match(message, /^(?:\p{Lu}|\d|["`\\]|\$\{|arcade |expected )/u, path);
    assert.doesNotMatch(message, /\.$/, path);
  }
});

Deno.test("dependencies come from npm, with exact versions", async () => {
  const { imports }: { imports: Record<string, string> } = JSON.parse(
    await Deno.readTextFile(new URL("deno.json", root)),
  );
  for (const [name, source] of Object.entries(imports)) {
    assert.match(source, new RegExp(`^npm:${name}@\\d+\\.\\d+\\.\\d+$`));
  }
});

Deno.test("a test mirrors the file that it tests, or covers a promise in tests/README.md", async () => {
  const tests = (await sources("tests")).map(({ path }) => path)
    .filter((path) => path.endsWith("_test.ts"));
  const page = await Deno.readTextFile(new URL("tests/README.md", root));
  const listed = [...page.matchAll(/^\| .* \| `(\S+)` +\|$/gm)].map(([, name = ""]) => name);
  const promises = new Set<string>();
  for (const path of tests) {
    const [folder = "", next = "", ...rest] = path.slice("tests/".length).split("/");
    if (rest.length === 0 && next === "") promises.add(folder);
    else if (folder === "promises") promises.add(next);
    else if (folder === "end_to_end") promises.add(`${next}/`);
    else if (folder !== "release") {
      const tested = path.replace(/^tests/, "src").replace(/_test\.ts$/, ".ts");
      assert(files.some((file) => file.path === tested), `${path}: there is no ${tested}`);
    }
  }
  assert.deepEqual(listed.toSorted(), [...promises].toSorted());
});

/** The files of this repository that a file imports, including types and dynamic imports. */
function importsOf(path: string, code: string): string[] {
  return [...withoutComments(code).matchAll(/(?:from|import)\s*\(?"(\.[^"]+)"/g)].map((
    [, specifier = ""],
  ) => new URL(specifier, new URL(path, root)).href.slice(root.href.length));
}

function withoutComments(code: string): string {
  return code.replace(/\/\*[^]*?\*\/|(?<=^|\s)\/\/.*$/gm, "");
}

async function sources(folder: string): Promise<{ path: string; code: string }[]> {
  const found: { path: string; code: string }[] = [];
  for await (const entry of Deno.readDir(new URL(`${folder}/`, root))) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) found.push(...await sources(path));
    else if (path.endsWith(".ts")) {
      found.push({ path, code: await Deno.readTextFile(new URL(path, root)) });
    }
  }
  return found;
}
