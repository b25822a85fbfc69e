/** The notations of clients' files, each loaded when it is needed. */

import type { Format, Notation } from "./format.ts";

/** Loads the code for a format. */
export async function openFormat(notation: Notation): Promise<Format> {
  if (notation.syntax === "toml") {
    return (await import("./toml_format.ts")).tomlFormat(notation.key);
  }
  return (await import("./json_format.ts")).jsonFormat(notation);
}
