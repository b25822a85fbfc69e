import { homedir } from "node:os";

/** The folder of the user's caches. It is known without HOME too. */
export const USER_CACHE = Deno.env.get("XDG_CACHE_HOME") || `${homedir()}/.cache`;
