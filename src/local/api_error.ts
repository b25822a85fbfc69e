/** An error that is sent as `{"message": …}`. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly status: 400 | 401 | 403 | 404 | 408 | 409 | 413 | 422 | 429 | 502,
    message: string,
    readonly headers: Record<string, string> = {},
  ) {
    super(message);
  }
}
