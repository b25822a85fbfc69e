import type { Context } from "hono";

/** The origin of this local Arcade, as the client of a request reached it. */
export function ownOrigin(c: Context): string {
  return `http://${c.req.header("host")}`; // the scheme of its URL is another one through a socket
}
