/** git's view of a folder: its index, and everything that ignores files. */

import { findProgram } from "../../../system/programs.ts";
import { readBounded } from "../../../system/read_bounded.ts";
import { withDeadline } from "../../../system/waiting.ts";
import type { Environment } from "../../../contract/variables.ts";
import type { Os } from "../../../system/os.ts";

/** What git is asked with. */
export interface GitContext {
  readonly env: Environment;
  readonly os: Os;
  /** How long git may take. */
  readonly timeoutMs: () => number;
  readonly signal?: AbortSignal;
}

/** The paths that git keeps in a folder, or the reason why git cannot answer. */
export type GitAnswer = { readonly keeps: (path: string) => boolean } | NoAnswer;

export interface NoAnswer {
  readonly why: string;
  /** Whether it was waited for. */
  readonly isLate?: true;
}

/** A repository must not start programs, because its configuration is as untrusted as its files. */
const SAFELY = [
  ...["-c", "core.fsmonitor=false"],
  ...["-c", "core.hooksPath=/dev/null"],
  ...["-c", "safe.bareRepository=explicit"],
  "--no-pager",
];
/** A repository without all objects would fetch them, with programs that its configuration names. */
const OFFLINE = {
  GIT_ALLOW_PROTOCOL: "none",
  GIT_NO_LAZY_FETCH: "1",
  GIT_OPTIONAL_LOCKS: "0",
  GIT_TERMINAL_PROMPT: "0",
  LC_ALL: "C",
};
/** The user's variables that git needs: its own files, and what it runs with. None of them starts with `GIT_`. */
const PASSED = ["HOME", "PATH", "SYSTEMROOT", "USERPROFILE", "XDG_CONFIG_HOME"] as const;
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Asks git which files of a folder it tracks or would track.
 *
 * @param isTop whether the folder is the top of its work tree.
 * @returns for a path relative to the folder whether git keeps it, or a file in it.
 */
export async function askGit(
  folder: string,
  { isTop, ...context }: GitContext & { readonly isTop: boolean },
): Promise<GitAnswer> {
  const git = await findProgram("git", context.env.PATH, context.os);
  if (git === undefined) return { why: "git is not installed" };
  const run = (args: readonly string[]) => runGit([git, ...SAFELY, ...args], folder, context);
  const listed = await run(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
  if ("why" in listed) return listed;
  if (listed.code !== 0) return { why: `git failed with exit code ${listed.code}` };
  const paths = listed.output.split("\0");
  if (paths.pop() !== "") return { why: "git returned an invalid list of files" };
  if (paths.length === 0 && !isTop) {
    const name = folder.slice(folder.lastIndexOf("/") + 1);
    const ignored = await run(["check-ignore", "--quiet", "--", `../${name}`]);
    if ("why" in ignored) return ignored;
    if (ignored.code === 0) return { why: "git ignores this folder" };
  }
  return { keeps: keeper(paths, context) };
}

/**
 * Whether git tracks a file, or would add it. The file need not exist yet, but its folder must.
 *
 * @returns undefined outside of any repository.
 */
export async function isInGit(
  folder: string,
  name: string,
  context: GitContext,
): Promise<boolean | undefined | NoAnswer> {
  const git = await findProgram("git", context.env.PATH, context.os);
  if (git === undefined) return { why: "git is not installed" };
  const run = (args: readonly string[]) => runGit([git, ...SAFELY, ...args], folder, context);
  const top = await run(["rev-parse", "--is-inside-work-tree"]);
  if ("why" in top) return top;
  if (top.code !== 0) return undefined;
  const tracked = await run(["ls-files", "-z", "--cached", "--", name]);
  if ("why" in tracked) return tracked;
  if (tracked.output !== "") return true;
  const ignored = await run(["check-ignore", "--quiet", "--", name]);
  return "why" in ignored ? ignored : ignored.code !== 0;
}

function keeper(paths: readonly string[], { os }: GitContext): (path: string) => boolean {
  // Here, names may be written in another way than in the index.
  const isFolding = os === "darwin" || os === "windows";
  const key = (path: string) => isFolding ? path.normalize("NFC").toLowerCase() : path;
  const kept = new Set<string>();
  for (const path of paths) {
    // Another repository ends in a slash.
    let part = key(path.endsWith("/") ? path.slice(0, -1) : path);
    while (part !== "" && !kept.has(part)) {
      kept.add(part);
      part = part.slice(0, Math.max(0, part.lastIndexOf("/")));
    }
  }
  return (path) => kept.has(key(path));
}

/** Runs git with only a few variables of this process. Returns the reason if it does not start or does not end. */
async function runGit(
  [git = "", ...args]: readonly string[],
  folder: string,
  { env, os, timeoutMs, signal }: GitContext,
): Promise<{ readonly code: number; readonly output: string } | NoAnswer> {
  signal?.throwIfAborted();
  const limitMs = timeoutMs();
  const variables: Record<string, string> = { ...OFFLINE };
  for (const name of PASSED) {
    const value = env[name];
    if (value) variables[name] = value;
  }
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(git, {
      args,
      cwd: folder,
      clearEnv: true,
      env: variables,
      detached: os !== "windows", // its own process group, to end everything in it
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
  } catch {
    return { why: "git does not start" };
  }
  const reader = child.stdout.getReader();
  const stop = () => {
    try {
      if (os === "windows") child.kill("SIGKILL");
      else Deno.kill(-child.pid, "SIGKILL");
    } catch {
      // it has ended
    }
    reader.cancel().catch(() => {});
  };
  const late = new Error(`git did not answer within ${limitMs / 1000} s`);
  const tooLarge = new Error("git lists too many files");
  try {
    const limit = { milliseconds: limitMs, late: () => late, signal };
    return await withDeadline(limit, async (over) => {
      over.addEventListener("abort", stop);
      const bytes = await readBounded(async () => (await reader.read()).value, {
        maxBytes: MAX_BYTES,
        tooLarge: () => tooLarge,
      });
      const { code } = await child.status;
      over.throwIfAborted();
      return { code, output: new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes) };
    });
  } catch (error) {
    if (error === late) return { why: late.message, isLate: true };
    if (error !== tooLarge) throw error;
    stop();
    await child.status;
    return { why: tooLarge.message };
  }
}
