import assert from "node:assert/strict";
import { ARCADE_FILES, bundle, type Files } from "../../scripts/bundle.ts";
import { ROOT } from "../support/root.ts";

/** The files with these names, without their hashes, and all their imports. */
function loadedWith(names: readonly RegExp[], folder: string): Set<string> {
  const all = [...Deno.readDirSync(folder)].map(({ name }) => name);
  const loaded = new Set<string>();
  const load = (file: string) => {
    if (loaded.has(file)) return;
    loaded.add(file);
    const code = Deno.readTextFileSync(`${folder}/${file}`);
    for (const [, imported = ""] of code.matchAll(/(?:from|import)\s?"\.\/([^"]+)"/g)) {
      load(imported);
    }
  };
  for (const name of names) {
    const found = all.filter((file) => name.test(file));
    assert.notEqual(found.length, 0, String(name));
    found.forEach(load);
  }
  return new Set([...loaded].map((file) => file.replace(/(-[\w-]{8})?\.js$/, "")));
}

async function withBundle<T>(files: Files, use: (folder: string) => T): Promise<T> {
  const folder = await Deno.makeTempDir();
  try {
    await bundle(`${ROOT}/main.ts`, folder, files);
    return use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const MAIN = /^main\.js$/;
const DECLARATIONS = [/^commands-/, /^tool-/];
/** The files of all declarations, and what they import. A command loads one declaration. */
const DECLARED = ["command_line", "commands", "completion", "constants", "method", "tool"];

Deno.test("common commands load few files, but many without the list", async () => {
  await withBundle(ARCADE_FILES, (folder) => {
    assert.deepEqual(loadedWith([MAIN], folder), new Set(["main", "constants"]));
    for (const names of [["start"], ["start", "engine"], ["start", "identity"]]) {
      const starts = names.map((name) => new RegExp(`^${name}-`));
      assert.deepEqual(
        loadedWith([MAIN, ...DECLARATIONS, ...starts], folder),
        new Set(["main", ...DECLARED, ...names]),
      );
    }
  });
  await withBundle({}, (folder) => {
    const many = loadedWith([MAIN, /^start-/, /^whoami-/], folder).size;
    assert(many > 20, `${many}`);
  });
});

Deno.test("declarations load only the framework, so that Tab is fast", async () => {
  await withBundle(ARCADE_FILES, (folder) => {
    assert.deepEqual(loadedWith([MAIN, ...DECLARATIONS], folder), new Set(["main", ...DECLARED]));
  });
});

Deno.test("no file of the program only re-exports another one", async () => {
  await withBundle(ARCADE_FILES, (folder) => {
    for (const { name } of Deno.readDirSync(folder)) {
      const code = Deno.readTextFileSync(`${folder}/${name}`);
      assert.doesNotMatch(code, /^export\s*\{[^{}]*\}\s*from\s*"[^"]+";?\s*$/, name);
    }
  });
});

Deno.test("a module that is not in the program cannot be assigned to a file", async () => {
  await assert.rejects(
    withBundle({ start: ["src/gone.ts"] }, () => {}),
    /src\/gone\.ts is no module of/,
  );
});
