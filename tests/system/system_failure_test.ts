import assert from "node:assert/strict";
import { toFailure } from "../../src/cli/tell.ts";
import { PROGRAM } from "../../src/commands/program.ts";
import { fileFailure } from "../../src/system/system_failure.ts";

/** Errors as the runtime reports them, most without a code of their own. */
const ERRORS: readonly (readonly [text: string, code: string | undefined, reason: RegExp])[] = [
  ["Argument list too long (os error 7)", "E2BIG", /are too long/],
  ["Disk quota exceeded (os error 122)", undefined, /the disk is full/],
  ["Disc quota exceeded (os error 69)", undefined, /the disk is full/],
  ["Exec format error (os error 8)", undefined, /no|not a program/],
  ["File name too long (os error 36)", "ENAMETOOLONG", /the path is too long/],
  ["File too large (os error 27)", undefined, /too large/],
  ["Input/output error (os error 5)", "EIO", /the disk reports an error/],
  ["No space left on device (os error 28)", "ENOSPC", /the disk is full/],
  ["Resource temporarily unavailable (os error 11)", "EAGAIN", /out of resources/],
  ["Read-only file system (os error 30)", "EROFS", /read-only/],
  ["Stale file handle (os error 116)", undefined, /network drive/],
  ["Text file busy (os error 26)", undefined, /another program uses it/],
  ["Too many open files (os error 24)", "EMFILE", /too many files are open/],
  ["Too many open files in system (os error 23)", undefined, /too many files are open/],
  ["Too many levels of symbolic links (os error 40)", "ELOOP", /links form a loop/],
];

for (const [text, code, reason] of ERRORS) {
  for (const message of [text, `${text}: open '/a/b: c'`, `Failed to spawn '/a/b': ${text}`]) {
    Deno.test(`"${message}" is explained`, () => {
      const error = Object.assign(new Error(message), code !== undefined && { code });
      const named = fileFailure("write", "/f", error);
      assert.match(named.message, /^Cannot write \/f: /);
      const unnamed = toFailure(error, PROGRAM);
      for (const failure of [named, unnamed]) {
        assert.equal(failure.kind, "file");
        assert.match(failure.message, reason);
        assert.doesNotMatch(failure.next ?? "", /--debug/);
        assert.equal(failure.cause, error);
      }
      // A path may be anything; a program is what was started.
      assert.match(
        unnamed.message,
        /^(?:The operating system reports an error|Cannot start \/a\/b): /,
      );
    });
  }
}

for (
  const [text, code] of [
    ["No locks available (os error 37)", undefined],
    ["Operation not supported (os error 95)", "ENOTSUP"],
    ["Function not implemented (os error 38)", undefined],
  ] as const
) {
  Deno.test(`"${text}" is about locks only where a lock was asked for`, () => {
    const error = Object.assign(new Error(text), code !== undefined && { code });
    assert.match(
      fileFailure("lock", "/f", error).message,
      /^Cannot lock \/f: its file system does not support locks$/,
    );
    assert.match(
      fileFailure("write", "/f", error).message,
      /its file system does not support that$/,
    );
  });
}

Deno.test("an unknown error of the system is not a bug in arcade", () => {
  const failure = toFailure(new Error("Structure needs cleaning (os error 117)"), PROGRAM);
  assert.equal(failure.kind, "file");
  assert.match(failure.next ?? "", /--debug/);
});

Deno.test("an error that is not of the system is a bug in arcade", () => {
  const database = Object.assign(new Error("locked"), { code: "ERR_SQLITE_ERROR" });
  for (
    const error of [new TypeError("x is undefined"), new Error("no (os error"), database, "text"]
  ) {
    assert.equal(toFailure(error, PROGRAM).kind, "internal");
  }
});
