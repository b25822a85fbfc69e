/** Has V8 compile the functions that common commands run when it loads their file. */

import { parseAst } from "rolldown/parseAst";
import { startEngine, writeLogin } from "./bench/engine.ts";
import { TOOL } from "./bench/fixture.ts";
import { HUB, IDENTITIES } from "./bench/identity_fixture.ts";
import { firstLine } from "./bench/program.ts";
import { output } from "./process.ts";

const COMMON_COMMANDS: readonly (readonly string[])[] = [
  ["whoami"],
  ["identity", "show", "--hub", HUB],
  ["identity", "token", "--hub", HUB],
  ["secret", "list"],
  ["server", "list"],
  ["server", "logs", "short"],
  ["tool", "call", TOOL, "--a", "1", "--b", "2"],
];

/** Which functions of a file ran, by where they start, in each run that loaded the file. */
type Runs = readonly ReadonlySet<number>[];

/**
 * Runs the common commands, and marks the functions of bundled files that ran in at least half of the runs that loaded their
 * file. V8 reads each function twice otherwise: quickly with its file, and whole when it is called.
 *
 * @param folder has the files of the bundle and no others.
 */
export async function markCommonFunctions(folder: string, main: string): Promise<void> {
  for (const [file, runs] of await runCommonCommands(folder, main)) {
    const path = `${folder}/${file}`;
    const code = await Deno.readTextFile(path);
    const isCommon = (start: number) =>
      runs.filter((ran) => ran.has(start)).length >= runs.length / 2;
    await Deno.writeTextFile(path, compiledAtOnce(code, isCommon));
  }
}

/**
 * The code with these function declarations as constants, in parentheses: V8 compiles what is in them at once. The constants
 * are first, as declarations count everywhere.
 */
export function compiledAtOnce(code: string, isCommon: (start: number) => boolean): string {
  const { body } = parseAst(code);
  const constants: string[] = [];
  const rest: string[] = [];
  for (const { type, start, end } of body) {
    const text = code.slice(start, end);
    const [, async = "", name] = /^(async )?function ([\w$]+)(?=\()/.exec(text) ?? [];
    if (type === "FunctionDeclaration" && name !== undefined && isCommon(start)) {
      constants.push(`${name}=(${async}function${text.slice(text.indexOf("("))})`);
    } else rest.push(text);
  }
  if (constants.length === 0) return code;
  const imports = body.findLastIndex(({ type }) => type === "ImportDeclaration") + 1;
  return rest.toSpliced(imports, 0, `const ${constants.join()};`).join("\n");
}

/** Runs the common commands with the engine of the benchmark. Returns the runs by the name of a file. */
async function runCommonCommands(folder: string, main: string): Promise<Map<string, Runs>> {
  const home = await Deno.makeTempDir({ prefix: "arcade-runs-" });
  const server = startEngine();
  try {
    const engine = `${await firstLine(server.stdout)}/0`;
    await writeLogin(home, engine);
    await Deno.writeTextFile(`${home}/.arcade/identity.toml`, IDENTITIES, { mode: 0o600 });
    // What runs must not depend on how busy this machine is.
    const noTimers = `${home}/no_timers.js`;
    await Deno.writeTextFile(noTimers, "globalThis.setTimeout = () => 0;\n");
    const all = new Map<string, Runs>();
    for (const [number, args] of COMMON_COMMANDS.entries()) {
      const coverage = `${home}/coverage-${number}`;
      const flags = ["--quiet", "--no-config", "--allow-all", `--preload=${noTimers}`];
      await output(
        Deno.execPath(),
        ["run", ...flags, `--coverage=${coverage}`, `${folder}/${main}`, ...args],
        { cwd: home, env: environmentOf(home, engine), clearEnv: true, timeoutMs: 60_000 },
      );
      for (const { name } of Deno.readDirSync(coverage)) {
        const { url, functions }: Coverage = JSON.parse(
          await Deno.readTextFile(`${coverage}/${name}`),
        );
        const file = url.slice(url.lastIndexOf("/") + 1);
        if (noTimers.endsWith(`/${file}`)) continue;
        const ran = functions.flatMap(({ ranges: [{ startOffset, count }] }) =>
          count > 0 ? [startOffset] : []
        );
        all.set(file, [...all.get(file) ?? [], new Set(ran)]);
      }
    }
    return all;
  } finally {
    server.kill();
    await server.status;
    await Deno.remove(home, { recursive: true });
  }
}

/** The environment of a run, without what the user has set. */
function environmentOf(home: string, engine: string): Record<string, string> {
  const root = Deno.env.get("SYSTEMROOT"); // programs need it on Windows
  return {
    HOME: home,
    USERPROFILE: home,
    ARCADE_ENGINE_URL: engine,
    ...(root !== undefined && { SYSTEMROOT: root }),
  };
}

/** What V8 says about one file. */
interface Coverage {
  readonly url: string;
  readonly functions: readonly {
    readonly ranges: readonly [{ readonly startOffset: number; readonly count: number }];
  }[];
}
