/** The operating systems that commands tell apart. */
export type Os = "linux" | "darwin" | "windows" | "other";
