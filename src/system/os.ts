/** The operating systems that commands distinguish. */
export type Os = "linux" | "darwin" | "windows" | "other";

/** The one that this process runs on. */
export const OS: Os =
  Deno.build.os === "linux" || Deno.build.os === "darwin" || Deno.build.os === "windows"
    ? Deno.build.os
    : "other";
