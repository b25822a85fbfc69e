import { homedir } from "node:os";

/** The folder of the user's caches. It does not need HOME. */
export const USER_CACHE = Deno.env.get("XDG_CACHE_HOME") || `${homedir()}/.cache`;
