import { Failure } from "../failure.ts";
import { redact } from "../secrecy/redaction.ts";
import { systemFailure } from "../system/system_failure.ts";
import { printable, printableJson } from "../terminal/safe_text.ts";
import { styleFor } from "../terminal/style.ts";
import type { CliContext } from "./context.ts";
import { type ExitCode, exitCodeOf } from "./exit_code.ts";
import type { Program } from "./program.ts";

/**
 * Turns failures into output on stderr and an exit code: what failed, followed by what to do, or both
 * as JSON on the last line.
 */
export function tellFailure(
  { stderr, debug, json }: Pick<CliContext["io"], "stderr" | "debug" | "json">,
  failure: Failure,
  exit: ExitCode = exitCodeOf(failure.kind),
): ExitCode {
  const { kind, message, next, isRetryable } = failure;
  const tellCauses = () => {
    if (debug) { for (const line of causes(failure)) stderr.write(`  ${line}\n`); }
  };
  if (json) {
    tellCauses();
    const error = { code: kind, message, next: next ?? null, retryable: isRetryable, exit };
    stderr.write(`${printableJson({ error }, 0)}\n`);
    return exit;
  }
  const { red } = styleFor(stderr);
  // A terminal has shown ^C, which this overwrites.
  const cancelled = stderr.isTerminal ? "\r" : "";
  const start = kind === "interrupted" ? cancelled : `${red("Error:")} `;
  stderr.write(`${start}${printable(message)}\n`);
  if (next !== undefined) stderr.write(`  ${printable(next)}\n`);
  tellCauses();
  return exit;
}

/** Converts anything thrown to a failure. An unexpected error is a bug of this program. */
export function toFailure(
  error: unknown,
  { name, onBug }: Pick<Program<never>, "name" | "onBug">,
): Failure {
  if (error instanceof Failure) return error;
  return systemFailure(error) ?? new Failure("internal", `This is a bug in ${name}`, {
    next: onBug,
    cause: error,
  });
}

function causes(failure: Failure): string[] {
  const lines: string[] = [];
  for (let cause = failure.cause, depth = 0; cause !== undefined && depth < 8; depth++) {
    lines.push(`caused by ${describe(cause)}`);
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return lines;
}

/** A cause may quote an address with a code in its query, so queries are cut off. */
function describe(cause: unknown): string {
  const text = cause instanceof Error
    ? `${cause.name}: ${cause.message}${placeInCode(cause)}`
    : `a thrown ${typeof cause}`;
  return redact(printable(text.replace(/\?[^\s)]*/g, "?***"))) ?? "(hidden)";
}

/** Only bugs in this program need the location in its code. */
function placeInCode(error: Error): string {
  const internal = error instanceof TypeError || error instanceof ReferenceError ||
    error instanceof RangeError;
  const line = internal ? error.stack?.split("\n")[1]?.trim() : undefined;
  return line === undefined ? "" : ` (${line})`;
}
