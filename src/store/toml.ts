import { parse, TomlError, type TomlTable } from "smol-toml";

/** Thrown for a source that is not TOML. Quotes nothing from the source. */
export class NotToml extends Error {
  override readonly name = "NotToml";

  /** @param line counted from 1. */
  constructor(readonly line: number, problem = "is not TOML") {
    super(`line ${line} ${problem}`);
  }
}

/** Parses a TOML document. Integers are bigints, to distinguish them from floats. Throws {@link NotToml}. */
export function parseToml(source: string): TomlTable {
  try {
    return parse(source, { integersAsBigInt: true });
  } catch (error) {
    // The message of the library quotes the source, so it is dropped.
    throw error instanceof TomlError ? new NotToml(error.line) : error;
  }
}
