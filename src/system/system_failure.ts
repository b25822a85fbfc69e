/** Turns errors of the operating system into messages. */

import { Failure } from "../failure.ts";

/** Turns an error of the operating system about a path into a message and a next step. */
export function fileFailure(
  verb: "read" | "write" | "create" | "remove" | "move" | "lock" | "start",
  path: string,
  error: unknown,
): Failure {
  const code = codeOf(error);
  const [reason, next] = error instanceof Deno.errors.NotFound
    ? ["it does not exist", NEXT_OF_MISSING[verb] ?? "Check that its folder exists"]
    : verb === "lock" && WITHOUT_LOCKS.has(code ?? "")
    ? ["its file system does not support locks", "Set ARCADE_WORK_DIR to a folder on a local disk"]
    : explain(code);
  return new Failure("file", `Cannot ${verb} ${path}: ${reason}`, { next, cause: error });
}

/** The failure for an otherwise unexplained error of the operating system; undefined for any other error. */
export function systemFailure(error: unknown): Failure | undefined {
  const code = codeOf(error);
  if (!(error instanceof Error) || code === undefined) return undefined;
  const program = /^Failed to spawn '([^']*)'/.exec(error.message)?.[1];
  if (program !== undefined) return fileFailure("start", program, error);
  const [reason, next] = explain(code);
  return new Failure("file", `The operating system reports an error: ${reason}`, {
    next,
    cause: error,
  });
}

const NEXT_OF_MISSING: Readonly<Record<string, string>> = {
  read: "Check the path",
  start: "Check that it is installed",
};

const WITHOUT_LOCKS = new Set(["ENOLCK", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"]);

type Explanation = readonly [reason: string, next: string];

function explain(code: string | undefined): Explanation {
  return REASONS[code ?? ""] ?? ["the system refused", "Run again with `--debug` to see why"];
}

const CHANGED_PLACE: Explanation = [
  "something else is in its place",
  "Move it away and try again",
];
const DENIED: Explanation = ["permission denied", "Check its owner and permissions"];
const FULL: Explanation = ["the disk is full", "Free some space and try again"];
const IN_USE: Explanation = ["another program uses it", "Stop that program and try again"];
const TOO_MANY: Explanation = [
  "too many files are open",
  "Increase the limit with `ulimit -n`, or stop other programs",
];
const UNSUPPORTED: Explanation = [
  "its file system does not support that",
  "Use a folder on a local disk",
];

const REASONS: Readonly<Record<string, Explanation>> = {
  E2BIG: [
    "the environment or the arguments are too long",
    "Unset large variables and try again",
  ],
  EACCES: DENIED,
  EAGAIN: ["the system is out of resources", "Stop other programs and try again"],
  EBUSY: IN_USE,
  EDQUOT: FULL,
  EEXIST: CHANGED_PLACE,
  EFBIG: ["it would be too large", "Check the limit with `ulimit -f`"],
  EIO: ["the disk reports an error", "Check the disk, then try again"],
  EISDIR: ["it is a folder", "Name a file"],
  ELOOP: ["its links form a loop", "Correct the links"],
  EMFILE: TOO_MANY,
  ENAMETOOLONG: ["the path is too long", "Use a shorter path"],
  ENFILE: TOO_MANY,
  ENOENT: [
    "a file or folder does not exist",
    "Check that the working directory still exists",
  ],
  ENOEXEC: ["it is not a program for this machine", "Install the version for this machine"],
  ENOLCK: UNSUPPORTED,
  ENOMEM: ["there is not enough memory", "Stop other programs and try again"],
  ENOSPC: FULL,
  ENOSYS: UNSUPPORTED,
  ENOTDIR: CHANGED_PLACE,
  ENOTSUP: UNSUPPORTED,
  EOPNOTSUPP: UNSUPPORTED,
  EPERM: DENIED,
  EROFS: ["the file system is read-only", "Set ARCADE_WORK_DIR to a writable folder"],
  ESTALE: ["its network drive changed in the meantime", "Try again"],
  ETXTBSY: IN_USE,
};

/** The message of SQLite, whose code the runtime does not provide. */
const SQLITE_FULL = "database or disk is full";

/** Whether an error, also one of a database, says that the disk is full. */
export function isDiskFull(error: unknown): boolean {
  return explain(codeOf(error)) === FULL;
}

/** The code of an error of the operating system; undefined for any other error. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("code" in error && /^E[A-Z\d]+$/.test(String(error.code))) return String(error.code);
  if (error.message.startsWith(SQLITE_FULL)) return "ENOSPC";
  for (const [kind, code] of KINDS) if (error instanceof kind) return code;
  // `TEXT (os error 37): open 'PATH'`, and `Failed to spawn 'PATH': TEXT (os error 8)`
  const text = /(?:^|: )([^:]+) \(os error \d+\)/.exec(error.message)?.[1];
  return text === undefined ? undefined : UNNAMED.get(text) ?? "";
}

const KINDS = [
  [Deno.errors.NotFound, "ENOENT"],
  [Deno.errors.PermissionDenied, "EACCES"],
  [Deno.errors.AlreadyExists, "EEXIST"],
  [Deno.errors.NotADirectory, "ENOTDIR"],
  [Deno.errors.IsADirectory, "EISDIR"],
  [Deno.errors.FilesystemLoop, "ELOOP"],
] as const;

/** The texts of errors without a code from the runtime. */
const UNNAMED: ReadonlyMap<string, string> = new Map([
  ["Disc quota exceeded", "EDQUOT"],
  ["Disk quota exceeded", "EDQUOT"],
  ["Exec format error", "ENOEXEC"],
  ["File too large", "EFBIG"],
  ["Function not implemented", "ENOSYS"],
  ["No locks available", "ENOLCK"],
  ["Stale NFS file handle", "ESTALE"],
  ["Stale file handle", "ESTALE"],
  ["Text file busy", "ETXTBSY"],
  ["Too many open files in system", "ENFILE"],
]);
