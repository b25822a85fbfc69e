/** The first word of the command line of the process in check.ts. The next one is the Arcade folder. */
export const CHECK = "__check-for-update";

/** How long that process lives at most. */
export const CHECK_MS = 10_000;
