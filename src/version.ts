/** The version of arcade. A test compares it with deno.json. */
export const VERSION = "0.1.0";

/** The documentation for users. */
export const DOCUMENTATION_URL = "https://docs.arcade.dev";
