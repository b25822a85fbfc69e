/** The files of a project that a deployment takes along. */

import { Failure } from "../../failure.ts";
import { fileFailure } from "../../files/private_file.ts";
import { IgnoreRules } from "./ignore_rules.ts";

/** A file, a folder or a symlink. */
export interface ProjectEntry {
  /** Relative to the project, with `/` between its parts. */
  readonly path: string;
  readonly kind: "file" | "folder" | "link";
  /** In bytes; 0 unless it is a file. */
  readonly size: number;
  /** When a file was changed, in milliseconds. */
  readonly changedAt: number | undefined;
  readonly isExecutable: boolean;
  /** Where a link leads. */
  readonly target?: string;
}

export interface ProjectFiles {
  /** The folder of the project. */
  readonly folder: string;
  /** In the order of the bytes of their paths. */
  readonly entries: readonly ProjectEntry[];
  /** Paths that were left out because of {@linkcode SECRET_FILES} or {@linkcode SECRET_FOLDERS}. */
  readonly secrets: readonly string[];
}

/** What is left out unless `.arcadeignore` takes it back: `!build/`. */
const LEFT_OUT = new IgnoreRules(
  ".*\n*.egg-info\n*.lock\n__pycache__\ndist\nbuild\nvenv\nnode_modules\n",
);

/** Files that may hold keys or passwords, in any case. They are always left out. */
const SECRET_FILES = new IgnoreRules(`
.env
.env.*
.envrc
*.env
*.pem
*.key
*.p8
*.p12
*.pfx
*.ppk
*.jks
*.kdbx
*.keystore
id_rsa*
id_dsa*
id_ecdsa*
id_ed25519*
.netrc
.npmrc
.pypirc
.pgpass
.htpasswd
.git-credentials
credentials
credentials.json
credentials.toml
credentials.yaml
credentials.yml
secrets.json
secrets.toml
secrets.yaml
secrets.yml
client_secret*.json
service-account*.json
service_account*.json
`);

/** Folders of keys and passwords, which are always left out too. */
const SECRET_FOLDERS = new IgnoreRules(".ssh\n.aws\n.azure\n.docker\n.gnupg\n.kube\n");

/** Files that say what else is left out. The second one wins over the first one, and over {@linkcode LEFT_OUT}. */
const IGNORE_FILES = [".gitignore", ".arcadeignore"] as const;
const MAX_IGNORE_BYTES = 1024 * 1024;

/** The rules of an ignore file, and the folder that they are about. */
interface ScopedRules {
  /** For a folder above the project: the path of the project in it, with a final slash. */
  readonly above?: string;
  /** The length of its path, with a final slash if it is not the project. */
  readonly start: number;
  readonly rules: IgnoreRules;
}

type Rules = Readonly<Record<typeof IGNORE_FILES[number], readonly ScopedRules[]>>;

/**
 * Finds the files of a project. Sockets, pipes and devices are left out.
 *
 * @throws {Failure} of kind `file` for what cannot be read; of kind `usage` for a symlink that leads out of the project.
 */
export function findFiles(folder: string): ProjectFiles {
  const entries: ProjectEntry[] = [];
  const secrets: string[] = [];
  const root = attempt(folder, () => Deno.realPathSync(folder));
  const walk = (parent: string, outer: Rules) => {
    const start = parent === "" ? 0 : parent.length + 1;
    const found = attempt(`${folder}/${parent}`, () => [...Deno.readDirSync(`${root}/${parent}`)]);
    // As in git, a link is no ignore file.
    const names = new Set(found.flatMap(({ name, isFile }) => isFile ? name : []));
    const rules = { ...outer };
    for (const file of IGNORE_FILES) {
      if (!names.has(file)) continue;
      const text = readIgnoreFile(parent === "" ? file : `${parent}/${file}`, root);
      rules[file] = [...rules[file], { start, rules: new IgnoreRules(text) }];
    }
    for (const { name, isDirectory: isFolder, isSymlink, isFile } of found) {
      const path = parent === "" ? name : `${parent}/${name}`;
      const mayHoldKeys = isFolder ? SECRET_FOLDERS : SECRET_FILES;
      if (mayHoldKeys.ignores(name.toLowerCase(), { isFolder })) {
        secrets.push(path);
        continue;
      }
      if (!(isFolder || isSymlink || isFile) || isIgnored(path, { isFolder, rules })) continue;
      entries.push(isSymlink ? readLink(root, path) : readEntry(root, path));
      if (isFolder) walk(path, rules);
    }
  };
  walk("", { ".gitignore": rulesAbove(root), ".arcadeignore": [] });
  entries.sort((a, b) => compareBytes(a.path, b.path));
  return { folder: root, entries, secrets: secrets.sort(compareBytes) };
}

/**
 * The rules of the git repository that a project is in, outermost first. None if they are about the project itself, because
 * then they do not say what of it is meant to be shared.
 */
function rulesAbove(root: string): ScopedRules[] {
  const above: ScopedRules[] = [];
  const parts = root.split("/");
  const pathOf = (end: number) => parts.slice(0, end).join("/") || "/";
  for (let end = parts.length; end > 0; end--) {
    const folder = pathOf(end);
    if (end < parts.length && isIgnoreFile(`${folder}/.gitignore`)) {
      const project = `${parts.slice(end).join("/")}/`;
      const text = readIgnoreFile(".gitignore", folder);
      above.unshift({ above: project, start: 0, rules: new IgnoreRules(text) });
    }
    if (!exists(`${folder}/.git`)) continue;
    const isAbout = ({ above = "", rules }: ScopedRules) =>
      above.split("/").some((part, i, all) =>
        part !== "" && rules.ignores(all.slice(0, i + 1).join("/"), { isFolder: true })
      );
    return above.some(isAbout) ? [] : above;
  }
  return []; // in no repository
}

/** The text of an ignore file. Throws a {@link Failure} of kind `file` when it is unreadable or too large. */
function readIgnoreFile(path: string, folder: string): string {
  const whole = `${folder}/${path}`;
  return attempt(path, () => {
    if (Deno.statSync(whole).size <= MAX_IGNORE_BYTES) return Deno.readTextFileSync(whole);
    throw new Failure("file", `${path} is larger than 1 MiB`, {
      next: "Leave out whole folders instead of single files",
    });
  });
}

/** Whether a path is an ignore file. As in git, a symlink does not count. */
function isIgnoreFile(path: string): boolean {
  try {
    return Deno.lstatSync(path).isFile;
  } catch {
    return false;
  }
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

function isIgnored(
  path: string,
  { isFolder, rules }: { readonly isFolder: boolean; readonly rules: Rules },
): boolean {
  const decide = (scoped: readonly ScopedRules[]): boolean | undefined => {
    for (const { above = "", start, rules } of scoped.toReversed()) {
      const ignored = rules.ignores(above + path.slice(start), { isFolder });
      if (ignored !== undefined) return ignored;
    }
  };
  return decide(rules[".arcadeignore"]) ??
    (LEFT_OUT.ignores(path, { isFolder }) || decide(rules[".gitignore"]) === true);
}

function readEntry(root: string, path: string): ProjectEntry {
  const { isDirectory, size, mtime, mode } = attempt(
    path,
    () => Deno.lstatSync(`${root}/${path}`),
  );
  return {
    path,
    kind: isDirectory ? "folder" : "file",
    size: isDirectory ? 0 : size,
    changedAt: mtime?.getTime(),
    isExecutable: ((mode ?? 0) & 0o111) !== 0,
  };
}

function readLink(root: string, path: string): ProjectEntry {
  const target = attempt(path, () => Deno.readLinkSync(`${root}/${path}`));
  if (leadsOut(root, path, target)) {
    throw new Failure("usage", `The link ${path} leads out of the project`, {
      next: "Replace it by what it leads to, or leave it out with a line in .arcadeignore",
    });
  }
  return { path, kind: "link", size: 0, changedAt: undefined, isExecutable: false, target };
}

/** Whether a link leads out of the folder: as it is written, or through another link. */
function leadsOut(root: string, path: string, target: string): boolean {
  const parts = path.split("/").slice(0, -1);
  if (/^[/\\]|^[a-z]:/i.test(target)) return true;
  for (const part of target.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return true;
  }
  try {
    const real = Deno.realPathSync(`${root}/${path}`);
    return real !== root && !real.startsWith(`${root}/`);
  } catch {
    return false; // it leads to nothing
  }
}

/** Compares texts by their bytes in UTF-8, which is the order of their code points. */
function compareBytes(a: string, b: string): number {
  const isSurrogate = (unit: number) => unit >= 0xd800 && unit <= 0xdfff;
  for (let i = 0; i < a.length && i < b.length; i++) {
    const [one, other] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (one === other) continue;
    // Surrogates are for code points above all others.
    return isSurrogate(one) === isSurrogate(other) ? one - other : isSurrogate(one) ? 1 : -1;
  }
  return a.length - b.length;
}

function attempt<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound && path.includes("\uFFFD")) {
      throw new Failure("file", `The name of ${path} is not UTF-8`, {
        next: "Rename it, or leave it out with a line in .arcadeignore",
      });
    }
    throw error instanceof Failure ? error : fileFailure("read", path, error);
  }
}
