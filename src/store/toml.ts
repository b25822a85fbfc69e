import { parse, TomlError, type TomlTable } from "smol-toml";

/** Thrown for a source that is not TOML. It has nothing of the source in it. */
export class NotToml extends Error {
  override readonly name = "NotToml";

  /** @param line counted from 1. */
  constructor(readonly line: number, problem = "is not TOML") {
    super(`line ${line} ${problem}`);
  }
}

/** Reads a TOML document. Integers are bigints, so that they can be told from floats. Throws {@link NotToml}. */
export function parseToml(source: string): TomlTable {
  try {
    return parse(source, { integersAsBigInt: true });
  } catch (error) {
    // The library's message quotes the lines around, so it goes no further.
    throw error instanceof TomlError ? new NotToml(error.line) : error;
  }
}
