/** The engine: servers, which it calls workers (docs/contracts.md, Engine). */

import type { Fields } from "./fields.ts";
import { type Body, requiredFlag } from "./request.ts";

/** `GET …/workers/{name}`, and an item of `GET …/workers`. */
export interface ServerResponse {
  /** Its name. */
  readonly id: string;
  readonly type: string;
  readonly enabled: boolean;
  readonly managed: boolean;
  readonly binding: { readonly id: string; readonly type: string };
  /** Its address, in the field of its type. */
  readonly http?: { readonly uri?: string };
}

/** A server that has tools. */
export interface Server {
  /** Undefined if the engine does not tell it. */
  readonly name: string | undefined;
  /** `http`, `mcp`, or a type of newer engines. */
  readonly type: string | undefined;
  readonly isEnabled: boolean;
  /** Whether Arcade runs it. */
  readonly isManaged: boolean;
  readonly url: string | undefined;
  /** Who it belongs to: `static`, `tenant`, `project` or `account`. */
  readonly binding: string | undefined;
}

export function readServer(answer: Fields): Server {
  const urls = ["http", "mcp", "oxp"].map((kind) => answer.fields(kind)?.text("uri"));
  return {
    name: answer.text("id"),
    type: answer.text("type"),
    isEnabled: answer.flag("enabled"),
    isManaged: answer.flag("managed"),
    url: urls.find((url) => url),
    binding: answer.fields("binding")?.text("type"),
  };
}

/** `GET …/workers/{name}/health`. */
export interface ServerHealthResponse {
  readonly id: string;
  readonly enabled: boolean;
  readonly healthy: boolean;
  readonly message: string;
}

/** The health of a server, as the engine sees it. */
export interface ServerHealth {
  readonly isHealthy: boolean;
  readonly message: string | undefined;
}

export function readServerHealth(answer: Fields): ServerHealth {
  return { isHealthy: answer.flag("healthy"), message: answer.text("message") };
}

/** `PATCH …/workers/{name}`, which is answered with the {@linkcode ServerResponse}. */
export interface ServerRequest {
  readonly enabled: boolean;
}

export const serverRequest: Body<ServerRequest> = {
  expected: "an object with enabled, which is true or false",
  read: (body) => ({ enabled: requiredFlag(body, "enabled") }),
};
