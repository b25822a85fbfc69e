/** Requests that Arcade's engine and coordinator support, but the local Arcade does not. */

import { Hono } from "hono";
import { ApiError } from "../api_error.ts";

/** The requests below `/v1` and below a project, and what they are about. */
export const NOT_EMULATED: Readonly<Record<string, string>> = {
  "POST /chat/completions": "models",
  "GET /plugins": "plugins",
  "POST /plugins": "plugins",
  "GET /plugins/:id": "plugins",
  "PATCH /plugins/:id": "plugins",
  "GET /hooks": "hooks",
  "POST /hooks": "hooks",
  "PATCH /hooks/:id": "hooks",
};

/** The same of the coordinator, below `/api/v1`. */
export const NOT_EMULATED_BY_COORDINATOR: Readonly<Record<string, string>> = {
  "GET /orgs/:org/audit_logs": "the audit log",
  "GET /orgs/:org/projects/:project/audit_logs": "the audit log",
  "GET /orgs/:org/projects/:project/user_sources": "user sources",
};

/** Answers with 501, so that a program can distinguish a gap in the emulation from its own mistake. */
export function notEmulatedRoutes(scope: string): Hono {
  const app = new Hono();
  const add = (root: string, requests: Readonly<Record<string, string>>) => {
    for (const [line, subject] of Object.entries(requests)) {
      const [method = "", path = ""] = line.split(" ");
      app.on(method, root + path, () => {
        throw notEmulated(subject);
      });
    }
  };
  add("/v1", NOT_EMULATED);
  add(scope, NOT_EMULATED);
  add("/api/v1", NOT_EMULATED_BY_COORDINATOR);
  return app;
}

/** @param subject the feature of Arcade, such as `gateways`. */
export function notEmulated(subject: string): ApiError {
  return new ApiError(501, `The local Arcade does not emulate ${subject}`);
}
