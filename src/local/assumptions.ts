/**
 * What no public source tells about Arcade's engine. Everything that the local Arcade assumes is here, so that it can be
 * corrected in one place.
 */
export const ASSUMED = {
  /** The `name` of an error by its status, where no source gives another one. */
  errorNames: {
    400: "bad_request",
    401: "invalid_authorization",
    403: "forbidden",
    404: "not_found",
    408: "request_timeout",
    409: "conflict",
    413: "payload_too_large",
    422: "validation_failed",
    429: "too_many_requests",
    500: "internal_error",
    501: "not_emulated",
  },
  /** The `name` of the error for a tool or a version that does not exist. */
  unknownTool: "tool_not_found",
  /** The status of the error for a secret that is missing; 422 is possible too. */
  missingSecretStatus: 400,
  /** The form of a formatted tool, unless `format` names another one. */
  format: "openai",
  /** The kind of the error when a server does not answer as the contract says, by what it does. */
  workerErrors: {
    unreachable: { kind: "NETWORK_TRANSPORT_RUNTIME_UNREACHABLE", can_retry: true },
    timeout: { kind: "NETWORK_TRANSPORT_RUNTIME_TIMEOUT", can_retry: true },
    unmapped: { kind: "NETWORK_TRANSPORT_RUNTIME_UNMAPPED", can_retry: false },
    refused: { kind: "TOOL_RUNTIME_FATAL", can_retry: false },
  },
} as const;
