import assert from "node:assert/strict";
import { ROOT } from "../support/root.ts";

const DECLARATION = `import { flag } from "../../cli/declaration.ts";
import { command } from "../shared/command.ts";

export const greet = command({
  brief: "Greet a user",
  examples: [["greet Ada", "Greet Ada"]],
  flags: { loud: flag("Greet in capital letters", { letter: "l" }) },
  argument: { placeholder: "name", brief: "Who is greeted", count: "one" },
  needs: [],
  load: async () => (await import("./greet.ts")).greet,
});
`;
const CODE = `import type { Context } from "../context.ts";

export function greet(context: Context, flags: { readonly loud?: boolean }, name: string): void {
  const text = \`Hello \${name}\`;
  context.io.stdout.write(\`\${flags.loud ? text.toUpperCase() : text}\\n\`);
}
`;
const ROUTE = `  ["greet", async () => (await import("./greet/commands.ts")).greet],\n`;

/** A copy of the sources with a command added as in CONTRIBUTING.md. */
async function copyWithGreet(): Promise<string> {
  const copy = await Deno.makeTempDir({ prefix: "arcade-copy-" });
  for (const path of ["main.ts", "deno.json", "deno.lock", "src", "scripts"]) {
    await copyAll(`${ROOT}/${path}`, `${copy}/${path}`);
  }
  const commands = `${copy}/src/commands`;
  await Deno.mkdir(`${commands}/greet`);
  await Deno.writeTextFile(`${commands}/greet/commands.ts`, DECLARATION);
  await Deno.writeTextFile(`${commands}/greet/greet.ts`, CODE);
  const routes = await Deno.readTextFile(`${commands}/routes.ts`);
  await Deno.writeTextFile(`${commands}/routes.ts`, routes.replace(/^\]\);$/m, `${ROUTE}]);`));
  return copy;
}

/** Removes the other commands, to check the types faster. */
async function removeOtherRoutes(copy: string): Promise<void> {
  const path = `${copy}/src/commands/routes.ts`;
  const routes = await Deno.readTextFile(path);
  await Deno.writeTextFile(path, routes.replace(/^ {2}\["(?!greet").*\n/gm, ""));
}

async function copyAll(from: string, to: string): Promise<void> {
  const { isDirectory } = await Deno.stat(from);
  if (!isDirectory) return await Deno.copyFile(from, to);
  await Deno.mkdir(to);
  for await (const { name } of Deno.readDir(from)) {
    await copyAll(`${from}/${name}`, `${to}/${name}`);
  }
}

async function deno(copy: string, ...args: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: copy,
    env: { ARCADE_WORK_DIR: `${copy}/home`, NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

Deno.test("a command added in three files works everywhere", async () => {
  const copy = await copyWithGreet();
  try {
    const arcade = (...args: string[]) =>
      deno(copy, "run", "--quiet", "--no-check", "--allow-all", "main.ts", ...args);
    assert.deepEqual(await arcade("greet", "Ada"), { code: 0, stdout: "Hello Ada\n", stderr: "" });
    assert.equal((await arcade("greet", "-l", "Ada")).stdout, "HELLO ADA\n");
    assert.match((await arcade("--help")).stdout, /\n {2}greet +Greet a user\n/);
    assert.match((await arcade("help", "greet")).stdout, /-l, --loud +Greet in capital letters\n/);
    assert.match((await arcade("gret")).stderr, /Did you mean `arcade greet`\?/);
    assert.match((await arcade("greet", "--lod", "x")).stderr, /Did you mean `--loud`\?/);
    assert.match((await arcade("greet")).stderr, /Which name\?/);
    await copyAll(`${ROOT}/docs`, `${copy}/docs`);
    const docs = await deno(copy, "run", "--quiet", "--no-check", "--allow-all", "scripts/docs.ts");
    assert.equal(docs.code, 0, docs.stderr);
    const page = await Deno.readTextFile(`${copy}/docs/commands.md`);
    assert.match(page, /\n## arcade greet\n\nGreet a user\.\n[^]*`-l, --loud`/);
    await removeOtherRoutes(copy);
    const check = await deno(copy, "check", "--quiet", "src/commands/routes.ts");
    assert.equal(check.code, 0, check.stderr);
  } finally {
    await Deno.remove(copy, { recursive: true });
  }
});
