import type { ErrorResponse, FieldError } from "../contract/errors.ts";
import { ASSUMED } from "./assumptions.ts";

/** The statuses of errors. */
export type ErrorStatus = keyof typeof ASSUMED.errorNames;

/** An error that is sent as `{"name": …, "message": …}`. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /** The headers of the answer. */
  readonly headers: Readonly<Record<string, string>>;
  readonly #code: string;
  readonly #fieldErrors: readonly FieldError[] | undefined;

  /** @param options.code its name for programs, in snake_case; by default the name of its status. */
  constructor(
    readonly status: ErrorStatus,
    message: string,
    options: {
      readonly code?: string;
      readonly headers?: Readonly<Record<string, string>>;
      readonly fieldErrors?: readonly FieldError[];
    } = {},
  ) {
    super(message);
    this.#code = options.code ?? ASSUMED.errorNames[status];
    this.#fieldErrors = options.fieldErrors;
    // The SDKs retry a request after one of these statuses, unless this header says that it is useless.
    const isFinal = status === 409 || status === 501;
    this.headers = { ...(isFinal ? { "x-should-retry": "false" } : {}), ...options.headers };
  }

  get body(): ErrorResponse {
    return {
      name: this.#code,
      message: this.message,
      ...(this.#fieldErrors ? { field_errors: this.#fieldErrors } : {}),
    };
  }
}
