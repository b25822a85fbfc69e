/**
 * Assumptions about Arcade's engine where no public source documents it. All of them are here, so that they can be
 * corrected in one place: values in the table, and behavior in this list, with the function that implements it.
 *
 * - A tool name is compared exactly first, then case-insensitively; without a version, the newest one is used
 *   (`findTool`).
 * - Requirements are met if all secrets are set, the provider is active and, for a user, the grant is completed
 *   (`withRequirements`).
 * - The input is checked as arcade-mcp-server checks it (`inputError`).
 * - A page has its number of items as `page_count` (`pageOf`), and the formats of a tool are by their names
 *   (`withFormats`).
 * - A scheduled call is looked up when it is scheduled, and its requirements and its input are checked when it runs. A
 *   time in the past means now. An interrupted call is not repeated (`Schedule`).
 * - A header of an MCP server takes a secret of the server first, then one of the project (`mcpWorker`). The structured
 *   content of its answer is the value, or else its only text (`valueOf`).
 * - `retry` repeats only calls that have not reached their server (`repeating`).
 * - The secrets and the providers of a project are one page, unless a request has a limit (`pageOf`).
 * - Every provider exists. `id` names one that was created, and `provider_id` the first one of that kind (`resolve`).
 * - An authorization waits for an hour and has then failed (`Authorizations`). A completed one has failed too once its grant
 *   is revoked or expired (`show`).
 * - The user of a browser is compared with the user_id case-insensitively; for another user, the authorization stays pending
 *   (`decide`). The browser goes to next_uri only if it was allowed (`grantPageRoutes`).
 */
export const ASSUMED = {
  /** The `name` of an error by its status, unless a source documents another name. */
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
  /** The status of the error for a missing secret; 422 is possible too. */
  missingSecretStatus: 400,
  /** The form of a formatted tool, unless `format` names another one. */
  format: "openai",
  /** A call that is scheduled has no execution yet. */
  scheduled: { status: "pending", execution_id: "" },
  /** The kind of the error that an MCP server answers with: about the input (-32602), or another one. */
  mcpErrors: { input: "TOOL_RUNTIME_BAD_INPUT_VALUE", other: "TOOL_RUNTIME_FATAL" },
  /** The `connection_status` of a connection of a user. */
  connectionStatus: { active: "active", expired: "expired" },
  /** The kind of the error when a server does not answer as the contract says, by what it does. */
  workerErrors: {
    unreachable: { kind: "NETWORK_TRANSPORT_RUNTIME_UNREACHABLE", can_retry: true },
    timeout: { kind: "NETWORK_TRANSPORT_RUNTIME_TIMEOUT", can_retry: true },
    unmapped: { kind: "NETWORK_TRANSPORT_RUNTIME_UNMAPPED", can_retry: false },
    refused: { kind: "TOOL_RUNTIME_FATAL", can_retry: false },
  },
} as const;
