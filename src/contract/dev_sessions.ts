/** The local Arcade: servers that `arcade dev` runs. Arcade itself has no such requests. */

import { type Fields, InvalidField } from "./fields.ts";
import { type Body, lineOf, oneOf, textBy } from "./request.ts";
import { SLUG } from "./gateways.ts";
import { SERVER, type ServerSettings, serverSettings } from "./servers.ts";

/** Where a local Arcade has them, in the project of an API key. */
export const DEV_SESSIONS_PATH = "/.well-known/arcade/dev_sessions";

/** `POST …/dev_sessions`, answered with an event stream. The server is registered until the client closes the stream. */
export interface DevSessionRequest {
  /** The name of the server. */
  readonly id: string;
  /** The slug of its gateway, which is created if it is missing. */
  readonly gateway: string;
  readonly auth_type: "arcade" | "arcade_header";
}

export const devSessionRequest: Body<DevSessionRequest> = {
  expected: "an object with an id of at most 100 letters, digits, underscores, dots and dashes, " +
    "gateway (a slug), and auth_type (arcade or arcade_header)",
  read: (body) => ({
    id: textBy(body, "id", SERVER),
    gateway: textBy(body, "gateway", SLUG),
    auth_type: oneOf(body, "auth_type", ["arcade", "arcade_header"]),
  }),
};

/** `PUT …/dev_sessions/{name}`: where the server runs now. */
export const devServerRequest: Body<ServerSettings> = {
  expected:
    "an object with http (uri, secret, timeout, retry) or mcp (uri, timeout, retry, headers)",
  read: serverSettings,
};

/** The most lines that one request adds to the log, and the most characters that one has. */
export const MAX_LOG_LINES = 1000;
const MAX_LOG_LINE = 64 * 1024;

/** `POST …/dev_sessions/{name}/log`. */
export interface DevLogRequest {
  readonly lines: readonly string[];
}

export const devLogRequest: Body<DevLogRequest> = {
  expected: `an object with lines: at most ${MAX_LOG_LINES} texts`,
  read(body) {
    const lines = body.requiredTexts("lines");
    if (lines.length > MAX_LOG_LINES) throw new InvalidField(body.pathOf("lines"));
    return { lines: lines.map((line) => line.slice(0, MAX_LOG_LINE)) };
  },
};

/** The first event of the stream. */
export interface DevSessionEvent {
  readonly type: "session";
  /** The address of the server's page, which admits one browser to all pages, once. */
  readonly page: string;
  /** The address of the dashboard, which does the same. */
  readonly dashboard: string;
  /** The code that admits any browser; null if none is needed. */
  readonly code: string | null;
  /** The slug of the gateway. */
  readonly gateway: string;
}

/** A call of a tool in the project that has ended. */
export interface DevCallEvent {
  readonly type: "call";
  readonly tool: string;
  readonly user_id: string | null;
  readonly success: boolean;
  /** Why it failed: `TOOL_RUNTIME_FATAL`, for example. */
  readonly code: string | null;
  readonly started_at: string;
  readonly duration_ms: number;
}

export function readDevEvent(event: Fields): DevSessionEvent | DevCallEvent {
  if (oneOf(event, "type", ["session", "call"]) === "session") {
    return {
      type: "session",
      page: event.requiredText("page"),
      dashboard: event.requiredText("dashboard"),
      code: event.text("code") ?? null,
      gateway: textBy(event, "gateway", SLUG),
    };
  }
  const { duration_ms } = event.mapping;
  if (typeof duration_ms !== "number") throw new InvalidField(event.pathOf("duration_ms"));
  return {
    type: "call",
    tool: textBy(event, "tool", lineOf(1000)),
    user_id: event.text("user_id") ?? null,
    success: event.flag("success"),
    code: event.text("code") ?? null,
    started_at: event.requiredText("started_at"),
    duration_ms,
  };
}
