/** The JSON of a failure with `--json`. */
export interface ErrorObject {
  readonly code: string;
  readonly message: string;
  readonly next: string | null;
  readonly retryable: boolean;
  readonly exit: number;
}

/** The error of a command with `--json`, which is the last line of stderr. */
export function errorIn(stderr: string): ErrorObject {
  const { error }: { error: ErrorObject } = JSON.parse(stderr.trimEnd().split("\n").at(-1) ?? "");
  return error;
}

/** The same error as it was written without `--json`. */
export function errorTextIn(stderr: string): string {
  const { message, next } = errorIn(stderr);
  return `Error: ${message}\n${next === null ? "" : `  ${next}\n`}`;
}
