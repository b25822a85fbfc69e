import assert from "node:assert/strict";

const root = new URL("../", import.meta.url);

/** Which rooms each room may import from; the files right in `src/` are for all. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  commands: ["cli", "auth", "api", "telemetry", "update", "store", "local", "terminal"],
  cli: ["terminal"],
  auth: ["api", "store"],
  api: [],
  telemetry: ["api", "store", "terminal"],
  update: ["store"],
  store: [],
  // It shares the types of the wire with the clients, and private files.
  local: ["api/wire.ts", "store/private_file.ts"],
  terminal: [],
};

const files = await sources("src");

for (const [room, allowed] of Object.entries(ALLOWED)) {
  Deno.test(`src/${room} imports only what it may`, () => {
    const wrong = files.filter(({ path }) => path.startsWith(`src/${room}/`)).flatMap(
      ({ path, code }) =>
        importsOf(path, code).filter((target) => {
          const [, other = "", ...rest] = target.split("/");
          return rest.length > 0 && other !== room &&
            !allowed.some((one) => one === other || `src/${one}` === target);
        }).map((target) => `${path} imports ${target}`),
    );
    assert.deepEqual(wrong, []);
  });
}

Deno.test("every room of src/ is named here", () => {
  const rooms = files.map(({ path }) => path.split("/")).filter(({ length }) => length > 2);
  assert.deepEqual(new Set(rooms.map(([, room]) => room)), new Set(Object.keys(ALLOWED)));
});

Deno.test("docs/architecture.md says of every room what it may import from", async () => {
  const page = await Deno.readTextFile(new URL("docs/architecture.md", root));
  for (const [room, allowed] of Object.entries(ALLOWED)) {
    const [, told = ""] = new RegExp(`^\\| \`${room}/\` .*\\| (.+?) +\\|$`, "m").exec(page) ?? [];
    const isAll = allowed.length === Object.keys(ALLOWED).length - 1;
    const names = allowed.map((one) => `\`${one}\``).join(", ");
    assert.equal(told, isAll ? "all others" : names || "none", room);
  }
});

Deno.test("no import leads in a circle", () => {
  const graph = new Map(files.map(({ path, code }) => [path, importsOf(path, code)]));
  const done = new Set<string>();
  const visit = (path: string, way: readonly string[]): void => {
    assert(!way.includes(path), [...way, path].join(" -> "));
    if (done.has(path)) return;
    for (const target of graph.get(path) ?? []) visit(target, [...way, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
});

Deno.test("src/ asks the system only through what may be refused or handed in", () => {
  // Environment, clock, randomness and prompts reach the commands through the context.
  const forbidden =
    /\bDeno\.env\b|\bDate\.now\(|\bnew Date\(\)|\bMath\.random\b|\bconsole\.|\bprompt\(|\balert\(/;
  const allowed = new Set(["src/commands/process_context.ts", "src/local/mod.ts"]);
  for (const { path, code } of files) {
    if (!allowed.has(path)) assert.doesNotMatch(withoutComments(code), forbidden, path);
  }
});

Deno.test("no common command imports node:*, which costs start-up time", () => {
  for (const { path, code } of files) {
    if (!path.startsWith("src/local/")) assert.doesNotMatch(code, /from "node:/, path);
  }
});

/** The files of ours that a file imports: types, and what it loads on demand, too. */
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
