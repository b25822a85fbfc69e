import type { Context } from "hono";
import { ApiError } from "./api_error.ts";

/** A parameter that is true or false, by default false. */
export function flagIn(c: Context, name: string): boolean {
  const text = c.req.query(name)?.toLowerCase() ?? "false";
  if (text === "true" || text === "1") return true;
  if (text === "false" || text === "0" || text === "") return false;
  throw new ApiError(400, `The parameter ${name} must be true or false`);
}
