/** The first word of the command lines that the scripts of shells run. */
export const COMPLETE = "__complete";
