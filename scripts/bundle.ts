/** Bundles a program and its imports into a few files. */

import { type Plugin, rolldown } from "rolldown";
import { output } from "./process.ts";

/** The folder of this repository without links, as the bundler names modules. */
const root = `${withSlashes(Deno.realPathSync(`${import.meta.dirname}/..`))}/`;

/** An npm package. */
export interface Package {
  readonly name: string;
  readonly version: string;
  /** Its author, or the owner of its repository. */
  readonly supplier: string;
  /** The SPDX identifier of the declared license. */
  readonly license: string;
  /** The texts of its licenses, with the copyright notices. */
  readonly notices: string;
}

export interface BundledProgram {
  /** The name of the entry file. */
  readonly main: string;
  /** The packages whose code it contains, sorted. */
  readonly packages: readonly Package[];
}

/** Names of files, with the modules (paths in this repository) to put into them together with their imports. */
export type Files = Readonly<Record<string, readonly string[]>>;

/**
 * The files of arcade. Loading a file costs about as much as 4 kB of code, so the modules of common commands share a few
 * files. Without this list, `arcade whoami` loads more than 40. A module that several files need is in the first one.
 */
export const ARCADE_FILES: Files = {
  constants: [
    "src/version.ts",
    "src/contract/entries.ts",
    "src/system/write_all.ts",
  ],
  command_line: [
    "src/cli/command_line.ts",
    "src/commands/program.ts",
    "src/commands/connect/presets.ts",
    "src/commands/shared/command.ts",
    "src/commands/shared/existing.ts",
    "src/commands/shared/flags.ts",
    "src/text/shell_word.ts",
  ],
  completion: ["src/process/complete.ts"],
  start: [
    "src/process/start.ts",
    "src/commands/account/whoami.ts",
    "src/hosts/address.ts",
    "src/text/prose.ts",
  ],
  changes: ["src/files/lock.ts"],
  telemetry: [
    "src/telemetry/command_report.ts",
    "src/telemetry/start_child.ts",
    "src/telemetry/user.ts",
  ],
  notice: ["src/update/notice.ts"],
  identity: ["src/commands/identity/show.ts", "src/commands/identity/token.ts"],
  redaction: ["src/secrecy/redaction.ts"],
  engine: ["src/commands/secret/list.ts", "src/commands/server/list.ts"],
  logs: ["src/commands/server/logs.ts", "src/api/logs.ts"],
  tools: ["src/commands/tool/list.ts", "src/api/tools.ts"],
  tool: ["src/commands/tool/commands.ts"],
  calls: ["src/commands/tool/call.ts"],
  exec: ["src/commands/local/exec.ts"],
};

/**
 * Bundles `entry` (a path) into files in `folder`. Each dynamic import becomes a separate file, unless `files` combines it
 * with others.
 */
export async function bundle(
  entry: string,
  folder: string,
  files: Files = {},
): Promise<BundledProgram> {
  const packages = await installPackages();
  try {
    const build = await rolldown({
      input: await Deno.realPath(entry),
      platform: "neutral",
      external: /^node:/,
      resolve: {
        modules: ["node_modules", `${packages}/node_modules`],
        // Code for browsers needs no `node:`.
        conditionNames: ["browser", "import", "default"],
        mainFields: ["module", "main"],
      },
      // A file with several modules exports more than the dynamically imported one.
      preserveEntrySignatures: "allow-extension",
      plugins: [TEXTS],
      checks: { pluginTimings: false }, // it depends on how busy the machine is
      onLog: (_level, { message }) => {
        throw new Error(message);
      },
    });
    const groups = Object.entries(files).map(([name, paths], at, { length }) => ({
      name,
      test: (id: string) => paths.some((path) => withSlashes(id) === root + path),
      priority: length - at,
    }));
    const { output: written } = await build.write({
      dir: folder,
      minify: true,
      comments: false,
      codeSplitting: { groups },
    });
    await build.close();
    const chunks = written.filter((file) => file.type === "chunk");
    const modules = chunks.flatMap(({ moduleIds }) => moduleIds).map(withSlashes);
    for (const path of Object.values(files).flat()) {
      if (!modules.includes(root + path)) throw new Error(`${path} is no module of ${entry}`);
    }
    await removeFacades(folder, chunks);
    const main = chunks.find(({ isEntry }) => isEntry);
    if (!main) throw new Error(`No file starts ${entry}`);
    return { main: main.fileName, packages: packagesOf(modules) };
  } finally {
    // Windows does not remove open files. Leftovers are in the folder for temporary files.
    await Deno.remove(packages, { recursive: true }).catch((error) => {
      if (Deno.build.os !== "windows") throw error;
    });
  }
}

/** Files of any other kind are imported `with { type: "text" }`, an attribute that the bundler ignores. */
const TEXTS: Plugin = {
  name: "texts",
  load: {
    filter: { id: { exclude: /\.(?:[cm]?[jt]s|json)$/ } },
    handler: async (id) => ({ code: await Deno.readTextFile(id), moduleType: "text" }),
  },
};

/** A file that only re-exports another one under the names of a module. */
const FACADE = /^export\s*\{([^{}]*)\}\s*from\s*"(\.\/[^"]+)";?\s*$/;

/**
 * Imports modules in a shared file directly. The bundler adds a separate file for each dynamic import of
 * such a module, which costs as much to load as any other file.
 */
async function removeFacades(
  folder: string,
  chunks: readonly { readonly fileName: string; readonly code: string }[],
): Promise<void> {
  const imports = new Map<string, string>();
  for (const { fileName, code } of chunks) {
    const [, names, from] = FACADE.exec(code) ?? [];
    if (names === undefined) continue;
    const fields = names.split(",").map((name) => {
      const [own = "", exported = own] = name.trim().split(/\s+as\s+/);
      return `${exported}:e.${own}`;
    });
    imports.set(fileName, `import("${from}").then(e=>({${fields.join()}}))`);
  }
  for (const { fileName, code } of chunks) {
    const direct = code.replace(
      /\bimport\(\s*[`"]\.\/([^`"]+)[`"]\s*\)/g,
      (whole, name: string) => imports.get(name) ?? whole,
    );
    if (imports.has(fileName)) await Deno.remove(`${folder}/${fileName}`);
    else if (direct !== code) await Deno.writeTextFile(`${folder}/${fileName}`, direct);
  }
}

/** A path with the separators of Unix. */
function withSlashes(path: string): string {
  return path.replaceAll("\\", "/");
}

/** Installs the packages of deno.lock for the bundler. Returns the folder. */
async function installPackages(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "arcade-packages-" });
  for (const name of ["deno.json", "deno.lock"]) {
    await Deno.copyFile(`${root}${name}`, `${folder}/${name}`);
  }
  await output(Deno.execPath(), ["install", "--quiet", "--frozen", "--node-modules-dir=auto"], {
    cwd: folder,
  });
  return folder;
}

/** The packages of modules with Deno's paths: `node_modules/.deno/NAME@VERSION/node_modules/NAME/…`. */
function packagesOf(modules: readonly string[]): Package[] {
  const folders = modules.flatMap((module) =>
    /^.*\/\.deno\/[^/]+\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(module) ?? []
  );
  return [...new Set(folders)].sort().map(readPackage);
}

/** The files with the terms of a package. */
const TERMS = /^(?:licen[cs]e|copying|notice)(?:-[\w-]+)?(?:\.(?:md|txt))?$/i;

/**
 * Reads what a package declares about itself.
 *
 * @throws {Error} if it has no license text, no license identifier or no supplier, all of which a release must name.
 */
export function readPackage(folder: string): Package {
  const { name, version, license, author, repository }: Manifest = JSON.parse(
    Deno.readTextFileSync(`${folder}/package.json`),
  );
  const id = `${name}@${version}`;
  const files = [...Deno.readDirSync(folder)].filter(({ name, isFile }) =>
    isFile && TERMS.test(name)
  ).map(({ name }) => name).sort();
  const texts = files.map((file) => Deno.readTextFileSync(`${folder}/${file}`).trim());
  if (texts.join("") === "") throw new Error(`${id} has no license text`);
  if (typeof license !== "string") throw new Error(`${id} does not declare a license`);
  const person = typeof author === "string" ? author : author?.name;
  const address = typeof repository === "string" ? repository : repository?.url;
  const supplier = person?.replace(/\s*[<(].*/s, "") ||
    /([\w.-]+)\/[\w.-]+$/.exec(address ?? "")?.[1];
  if (!supplier) throw new Error(`${id} names neither an author nor a repository`);
  const notices = texts.map((text) => `${text.replaceAll("\r\n", "\n")}\n`).join("\n");
  return { name, version, supplier, license, notices };
}

/** The part of a package.json that is used here. */
interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: unknown;
  readonly author?: string | { readonly name: string };
  readonly repository?: string | { readonly url: string };
}
