import assert from "node:assert/strict";
import { ARCADE_FILES, bundle } from "../../scripts/bundle.ts";
import { compiledAtOnce, markCommonFunctions } from "../../scripts/eager.ts";
import { ROOT } from "../support/root.ts";

Deno.test("functions that commonly run are constants in parentheses, after the imports", () => {
  const code = 'import{a}from"./a.js";const b=d();function c(e){return e}async function d(){}' +
    "function*f(){}export{b,c,d,f};";
  const all = compiledAtOnce(code, () => true);
  assert.deepEqual(all.split("\n"), [
    'import{a}from"./a.js";',
    "const c=(function(e){return e}),d=(async function(){});",
    "const b=d();",
    "function*f(){}",
    "export{b,c,d,f};",
  ]);
  const one = compiledAtOnce(code, (start) => start === code.indexOf("function c"));
  assert.match(one, /const c=\(function\(e\)/);
  assert.match(one, /^async function d\(\)\{\}$/m);
  assert.equal(compiledAtOnce(code, () => false), code);
});

Deno.test("builds mark the same functions each time: those that common commands run, and no others", async () => {
  const [first, second] = await Promise.all([markedBundle(), markedBundle()]);
  assert.deepEqual(first, second);
  const fileOf = (name: string) =>
    [...first].find(([file]) => file.startsWith(`${name}-`))?.[1] ?? "";
  for (const name of ["command_line", "start", "identity", "engine", "logs", "calls"]) {
    const marked = fileOf(name).match(/=\((?:async )?function\(/g)?.length ?? 0;
    const unmarked = fileOf(name).match(/^(?:async )?function /gm)?.length ?? 0;
    assert(marked > 5, `${name}: ${marked}`);
    assert(unmarked > 0, `${name}: ${unmarked}`);
  }
  assert.doesNotMatch(fileOf("oauth"), /=\((?:async )?function\(/);
});

/** The marked files of the program. */
async function markedBundle(): Promise<Map<string, string>> {
  const folder = await Deno.makeTempDir();
  try {
    const { main } = await bundle(`${ROOT}/main.ts`, folder, ARCADE_FILES);
    await markCommonFunctions(folder, main);
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    return new Map(names.map((name) => [name, Deno.readTextFileSync(`${folder}/${name}`)]));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
