import assert from "node:assert/strict";
import { PERMISSION_FLAGS, unneeded } from "../../src/cli/permissions.ts";

const root = new URL("../../", import.meta.url);

Deno.test("the task `arcade` runs under the permissions of the binary, and never under all", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(new URL("deno.json", root)));
  assert.equal(tasks.arcade.command, `deno run ${PERMISSION_FLAGS.join(" ")} main.ts`);
  for (const { command } of Object.values<{ command: string }>(tasks)) {
    assert.doesNotMatch(command, /(^| )(-A|--allow-all)( |$)/);
  }
});

Deno.test("the README explains every permission flag and every environment variable", async () => {
  const readme = await Deno.readTextFile(new URL("README.md", root));
  for (const flag of PERMISSION_FLAGS) {
    const [name, list = ""] = flag.split("=");
    assert(readme.includes(`\`${name}`), `${name} is not in the README`);
    for (const variable of list.split(",").filter(Boolean)) {
      assert(readme.includes(`\`${variable}\``), `${variable} is not in the README`);
    }
  }
});

Deno.test("unneeded() gives up everything that is not needed", () => {
  assert.deepEqual(unneeded(["read"]), ["write", "net", "run", "sys"]);
  assert.deepEqual(unneeded(["read", "write", "net", "run", "sys"]), []);
});

Deno.test("src/ asks the system only through what may be refused or handed in", async () => {
  // Environment, clock, randomness and prompts reach the commands through the context.
  const forbidden =
    /\bDeno\.env\b|\bDate\.now\(|\bnew Date\(\)|\bMath\.random\b|\bconsole\.|\bprompt\(|\balert\(/;
  const allowed = new Set(["src/cli/process_context.ts", "src/local/mod.ts"]);
  for (const path of await sources("src")) {
    if (allowed.has(path)) continue;
    const code = (await Deno.readTextFile(new URL(path, root))).replace(
      /\/\*[^]*?\*\/|\/\/.*$/gm,
      "",
    );
    assert.doesNotMatch(code, forbidden, path);
  }
});

Deno.test("src/ closes by hand what it opens, for the bundler that minifies drops `using`", async () => {
  for (const path of await sources("src")) {
    const code = await Deno.readTextFile(new URL(path, root));
    assert.doesNotMatch(code, /^\s*(?:await )?using \w/m, path);
  }
});

Deno.test("no common command imports node:*, which costs start-up time", async () => {
  for (const path of await sources("src")) {
    const code = await Deno.readTextFile(new URL(path, root));
    if (!path.startsWith("src/local/")) assert.doesNotMatch(code, /from "node:/, path);
  }
});

Deno.test("the folders import each other only as the design allows", async () => {
  const allowed: Record<string, readonly string[]> = {
    cli: ["arcade", "store", "local", "terminal", "usage"],
    arcade: ["store"],
    // The child asks the coordinator who is logged in, and ARCADE_USAGE_DEBUG prints to a terminal.
    usage: ["store", "arcade", "terminal"],
    store: [],
    terminal: [],
    // Its data folder holds private files, too.
    local: ["arcade/wire.ts", "store/private_file.ts"],
  };
  for (const path of await sources("src")) {
    const folder = path.split("/")[1] ?? "";
    const code = await Deno.readTextFile(new URL(path, root));
    for (const [, specifier = ""] of code.matchAll(/(?:from|import)\s*\(?"(\.[^"]+)"/g)) {
      const target = new URL(specifier, new URL(path, root)).href.slice(
        new URL("src/", root).href.length,
      );
      const [other = "", ...rest] = target.split("/");
      if (rest.length === 0 || other === folder) continue; // the words that all share, and neighbours
      assert(
        (allowed[folder] ?? []).some((one) => one === other || one === target),
        `${path} imports ${target}`,
      );
    }
  }
});

async function sources(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of Deno.readDir(new URL(`${folder}/`, root))) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) found.push(...await sources(path));
    else if (path.endsWith(".ts")) found.push(path);
  }
  return found;
}
