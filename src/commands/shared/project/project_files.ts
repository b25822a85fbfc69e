/** The files of a project that a deployment uploads. */

import { decodeText, withoutNul } from "../input.ts";
import { Failure } from "../../../failure.ts";
import type { Os } from "../../../system/os.ts";
import { followLink } from "../../../files/links.ts";
import { pacer } from "../../../system/waiting.ts";
import { fileFailure } from "../../../system/system_failure.ts";
import { askGit, type GitContext } from "./git.ts";
import { IgnoreRules } from "./ignore_rules.ts";
import { findUndecodableNames } from "./undecodable_names.ts";

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
  /** Why `.gitignore` files alone decided what is ignored; undefined if git did. */
  readonly withoutGit: { readonly why: string; readonly isFailure: boolean } | undefined;
}

/** Files that are skipped unless `.arcadeignore` includes them again: `!build/`. */
const LEFT_OUT = new IgnoreRules(
  ".*\n*.egg-info\n*.lock\n__pycache__\ndist\nbuild\nvenv\nnode_modules\n",
);

/** Files that can contain keys or passwords, in any case. They are always skipped. */
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

/** Folders with keys and passwords, which are always skipped too. */
const SECRET_FOLDERS = new IgnoreRules(".ssh\n.aws\n.azure\n.docker\n.gnupg\n.kube\n");

/** Files with more rules for skipped files. The second file overrides the first one and {@linkcode LEFT_OUT}. */
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

/** The rules that decide which files in a folder are skipped. */
interface Deciders {
  readonly rules: Rules;
  /** What git keeps, by paths relative to the project; undefined where the rules of `.gitignore` decide. */
  readonly git: ((path: string) => boolean) | undefined;
}

/**
 * Finds the files of a project. Sockets, pipes and devices are left out.
 *
 * @throws {Failure} of kind `file` for what cannot be read; of kind `usage` for a symlink that leads to nothing in the project.
 */
export async function findFiles(folder: string, context: GitContext): Promise<ProjectFiles> {
  const entries: ProjectEntry[] = [];
  const secrets: string[] = [];
  const root = attempt(folder, () => slashed(Deno.realPathSync(folder), context.os));
  const above = rulesAbove(root);
  let withoutGit: ProjectFiles["withoutGit"] = above.isRepository
    ? undefined
    : { why: "this folder is not in a git work tree", isFailure: false };
  let isGitLate = false;
  /** Folders by their paths in the file system, and names that cannot be used. */
  const folders = new Map<string, Deciders>();
  const undecodable: string[] = [];
  const pace = pacer(context.signal);

  const keptIn = async (parent: string): Promise<Deciders["git"]> => {
    if (isGitLate) return undefined;
    const [whole, start] = parent === "" ? [root, 0] : [`${root}/${parent}`, parent.length + 1];
    const answer = await askGit(whole, { ...context, isTop: exists(`${whole}/.git`) });
    if ("keeps" in answer) return (path) => answer.keeps(path.slice(start));
    withoutGit = { why: answer.why + (parent && ` in ${parent}`), isFailure: true };
    isGitLate = answer.isLate ?? false;
    return undefined;
  };

  const walk = async (parent: string, outer: Deciders) => {
    const start = parent === "" ? 0 : parent.length + 1;
    const found = attempt(`${folder}/${parent}`, () => [...Deno.readDirSync(`${root}/${parent}`)]);
    // As in git, a link is not read as an ignore file.
    const names = new Set(found.flatMap(({ name, isFile }) => isFile ? name : []));
    const rules = { ...outer.rules };
    for (const file of IGNORE_FILES) {
      const path = parent === "" ? file : `${parent}/${file}`;
      if (!names.has(file)) {
        if (isOwn(file) && found.some(({ name }) => name === file)) throw notAFile(path);
        continue;
      }
      const text = readIgnoreFile(path, root);
      rules[file] = [...rules[file], { start, rules: new IgnoreRules(text) }];
    }
    const isNested = parent !== "" && found.some(({ name }) => name === ".git");
    const deciders = { rules, git: isNested ? await keptIn(parent) : outer.git };
    folders.set(start === 0 ? root : `${root}/${parent}`, deciders);
    for (const { name, isDirectory: isFolder, isSymlink, isFile } of found) {
      await pace();
      const path = parent === "" ? name : `${parent}/${name}`;
      const mayHoldKeys = isFolder ? SECRET_FOLDERS : SECRET_FILES;
      if (mayHoldKeys.ignores(name.toLowerCase(), { isFolder })) {
        secrets.push(path);
        continue;
      }
      if (!(isFolder || isSymlink || isFile) || isIgnored(path, { isFolder, root, deciders })) {
        continue;
      }
      // Newer runtimes list a name that is not UTF-8, but then do not find it.
      if (name.includes("\uFFFD") && !exists(`${root}/${path}`)) {
        undecodable.push(`${root}/${path}`);
        continue;
      }
      entries.push(isSymlink ? readLink(root, path, context.os) : readEntry(root, path));
      if (isFolder) await walk(path, inside(path, deciders));
    }
  };
  const git = above.isRepository ? await keptIn("") : undefined;
  await walk("", { rules: { ".gitignore": above.rules, ".arcadeignore": [] }, git });

  undecodable.push(...await findUndecodableNames([...folders.keys()], context.os));
  for (const whole of undecodable) {
    const deciders = folders.get(whole.slice(0, whole.lastIndexOf("/")));
    const path = whole.slice(root.length + 1);
    if (deciders) requireDecodable(path, { root, deciders });
  }
  requireLinks(root, entries, context.os);
  entries.sort((a, b) => compareBytes(a.path, b.path));
  return { folder: root, entries, secrets: secrets.sort(compareBytes), withoutGit };
}

/** What decides inside a folder. */
function inside(path: string, { rules, git }: Deciders): Deciders {
  const options = { isFolder: true };
  const isTakenBack = decide(rules[".arcadeignore"], path, options) === false &&
    (!git?.(path) || decide(rules[".gitignore"], path, options) === true);
  // Files that git ignores together with this folder might not be ignored on their own.
  return { rules, git: isTakenBack ? undefined : git };
}

/** @throws {Failure} of kind `file` for a name that is not UTF-8, unless it is left out. */
function requireDecodable(
  path: string,
  { root, deciders }: { readonly root: string; readonly deciders: Deciders },
): void {
  const name = path.slice(path.lastIndexOf("/") + 1).toLowerCase();
  for (const isFolder of [false, true]) {
    const mayHoldKeys = isFolder ? SECRET_FOLDERS : SECRET_FILES;
    if (mayHoldKeys.ignores(name, { isFolder })) return;
    if (isIgnored(path, { isFolder, root, deciders })) return;
  }
  throw new Failure("file", `The name of ${path} is not UTF-8`, {
    next: "Rename it, or exclude it with a line in .arcadeignore",
  });
}

/** @throws {Failure} of kind `usage` for a link that leads out of the project, or to nothing that is deployed. */
function requireLinks(root: string, entries: readonly ProjectEntry[], os: Os): void {
  const byPath = new Map(entries.map((entry) => [entry.path, entry]));
  for (const { path, kind } of entries) {
    if (kind !== "link") continue;
    const end = followLink(path, byPath);
    if (end === "entry") continue;
    throw end === "out" || leadsOut(root, path, os)
      ? new Failure("usage", `The link ${path} points outside the project`, {
        next: "Replace it with its target, or exclude it with a line in .arcadeignore",
      })
      : new Failure("usage", `The link ${path} points to nothing that is deployed`, {
        next: "Remove it, or exclude it with a line in .arcadeignore",
      });
  }
}

/** Whether a link leads out of the folder, also through a link that is left out. */
function leadsOut(root: string, path: string, os: Os): boolean {
  try {
    const real = slashed(Deno.realPathSync(`${root}/${path}`), os);
    return real !== root && !real.startsWith(`${root}/`);
  } catch {
    return false; // it leads to nothing
  }
}

/**
 * The rules of the git repository that a project is in, outermost first. Empty if they ignore the project folder itself.
 */
function rulesAbove(
  root: string,
): { readonly isRepository: boolean; readonly rules: readonly ScopedRules[] } {
  const parts = root.split("/");
  const pathOf = (end: number) => parts.slice(0, end).join("/") || "/";
  let top = parts.length;
  while (top > 0 && !exists(`${pathOf(top)}/.git`)) top--;
  if (top === 0) return { isRepository: false, rules: [] };
  const above: ScopedRules[] = [];
  for (let end = top; end < parts.length; end++) {
    if (!isIgnoreFile(`${pathOf(end)}/.gitignore`)) continue;
    const rules = new IgnoreRules(readIgnoreFile(".gitignore", pathOf(end)));
    above.push({ above: `${parts.slice(end).join("/")}/`, start: 0, rules });
  }
  const isAbout = ({ above = "", rules }: ScopedRules) =>
    above.split("/").some((part, i, all) =>
      part !== "" && rules.ignores(all.slice(0, i + 1).join("/"), { isFolder: true })
    );
  return { isRepository: true, rules: above.some(isAbout) ? [] : above };
}

/**
 * The text of an ignore file.
 *
 * @throws {Failure} of kind `file` when it is unreadable or too large; of kind `usage` when it is not understood, because what
 * its lines leave out would be sent.
 */
function readIgnoreFile(path: string, folder: string): string {
  const whole = `${folder}/${path}`;
  return attempt(path, () => {
    if (Deno.statSync(whole).size <= MAX_IGNORE_BYTES) {
      const bytes = Deno.readFileSync(whole);
      return isOwn(path) ? readOwn(bytes, path) : withoutNul(new TextDecoder().decode(bytes), path);
    }
    throw new Failure("file", `${path} is larger than 1 MiB`, {
      next: "Exclude whole folders instead of single files",
    });
  });
}

/** The rules of the `.gitignore` in a folder, for a command that sends no files: none if it cannot be read. */
export function gitignoreIn(folder: string): IgnoreRules {
  const path = ".gitignore";
  try {
    return new IgnoreRules(isIgnoreFile(`${folder}/${path}`) ? readIgnoreFile(path, folder) : "");
  } catch (error) {
    if (error instanceof Failure) return new IgnoreRules("");
    throw error;
  }
}

/** Whether an ignore file is ours. Git decides what the lines of a .gitignore mean, in any encoding but UTF-16. */
function isOwn(path: string): boolean {
  return path.endsWith(".arcadeignore");
}

/** The failure for a .arcadeignore that is a link, a folder or a pipe: what its lines leave out would be sent. */
function notAFile(path: string): Failure {
  return new Failure("usage", `${path} is not a regular file`, {
    next: "Replace it with a regular file that contains the lines",
  });
}

/** The text of a .arcadeignore, with `\n` at the end of each line. */
function readOwn(bytes: Uint8Array, path: string): string {
  return decodeText(bytes, { what: path, next: "Save it as UTF-8" }).replace(/\r\n?/g, "\n");
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
  { isFolder, root, deciders: { rules, git } }: {
    readonly isFolder: boolean;
    readonly root: string;
    readonly deciders: Deciders;
  },
): boolean {
  return decide(rules[".arcadeignore"], path, { isFolder }) ??
    (LEFT_OUT.ignores(path, { isFolder }) ||
      (isFolder && isEnvironment(`${root}/${path}`)) ||
      (git ? !git(path) : decide(rules[".gitignore"], path, { isFolder }) === true));
}

function decide(
  scoped: readonly ScopedRules[],
  path: string,
  options: { readonly isFolder: boolean },
): boolean | undefined {
  for (const { above = "", start, rules } of scoped.toReversed()) {
    const ignored = rules.ignores(above + path.slice(start), options);
    if (ignored !== undefined) return ignored;
  }
}

/** Whether a folder is a virtual environment of Python. */
function isEnvironment(folder: string): boolean {
  try {
    return Deno.statSync(`${folder}/pyvenv.cfg`).isFile;
  } catch {
    return false;
  }
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

function readLink(root: string, path: string, os: Os): ProjectEntry {
  const target = attempt(path, () => {
    try {
      return slashed(Deno.readLinkSync(`${root}/${path}`), os);
    } catch (error) {
      if (!(error instanceof Deno.errors.InvalidData)) throw error;
      throw new Failure("file", `The link ${path} points to a name that is not UTF-8`, {
        next: "Rename its target, or exclude it with a line in .arcadeignore",
      });
    }
  });
  return { path, kind: "link", size: 0, changedAt: undefined, isExecutable: false, target };
}

/** A path with slashes only. */
export function slashed(path: string, os: Os): string {
  return os === "windows" ? path.replaceAll("\\", "/") : path;
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
    throw error instanceof Failure ? error : fileFailure("read", path, error);
  }
}
