/** The grants of a scripted engine. */

import { json } from "./answers.ts";
import type { Routes } from "./services.ts";

const ANSWER = {
  id: "ac_1",
  provider_id: "github",
  scopes: ["repo"],
  user_id: "someone@example.com",
};
/** The page of a grant that is pending. */
export const PAGE = "https://cloud.example.com/grant?flow=1";

/** A grant in this state. */
export function grantIn(status: string) {
  return { ...ANSWER, status, ...(status === "pending" ? { url: PAGE } : {}) };
}

/**
 * The routes of an engine with one grant.
 *
 * @param states its responses to the requests for the state, in order; the last one repeats.
 */
export function grantRoutes(begun: string, states: readonly string[] = []): Routes {
  const left = [...states];
  const authorize = () => json(grantIn(begun));
  return {
    "POST /tools/authorize": authorize,
    "POST /auth/authorize": authorize,
    "GET /auth/status": () =>
      json(grantIn((left.length > 1 ? left.shift() : left[0]) ?? "pending")),
  };
}
