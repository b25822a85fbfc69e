/** The version of arcade. A test holds it against deno.json. */
export const VERSION = "0.1.0";

/** Where users read more. */
export const DOCUMENTATION_URL = "https://docs.arcade.dev";
