import assert from "node:assert/strict";
import { ARCADE_FILES, bundle, type Files } from "../../scripts/bundle.ts";
import { ROOT } from "../support/root.ts";

/** The number of files loaded for these modules: the files that contain them, and all their imports. */
async function filesFor(names: readonly RegExp[], files: Files): Promise<number> {
  const folder = await Deno.makeTempDir();
  try {
    await bundle(`${ROOT}/main.ts`, folder, files);
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
    return loaded.size;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("`arcade whoami` loads few files, and without the list many", async () => {
  assert.equal(await filesFor([/^main\.js$/, /^start-/, /^command_line-/], ARCADE_FILES), 4);
  const many = await filesFor([/^main\.js$/, /^start-/, /^whoami-/], {});
  assert(many > 20, `${many}`);
});

Deno.test("no file of the program only passes on what another one exports", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await bundle(`${ROOT}/main.ts`, folder, ARCADE_FILES);
    for (const { name } of Deno.readDirSync(folder)) {
      const code = Deno.readTextFileSync(`${folder}/${name}`);
      assert.doesNotMatch(code, /^export\s*\{[^{}]*\}\s*from\s*"[^"]+";?\s*$/, name);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("`arcade --version` loads two files", async () => {
  assert.equal(await filesFor([/^main\.js$/], ARCADE_FILES), 2);
});

Deno.test("a module that is not in the program cannot be assigned to a file", async () => {
  await assert.rejects(filesFor([], { start: ["src/gone.ts"] }), /src\/gone\.ts is no module of/);
});
