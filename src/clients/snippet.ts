/** The text of a server for a client, to be added by hand. */

import type { Mapping } from "../contract/fields.ts";
import type { Client } from "./clients.ts";

/** A file with nothing but the entry of one server. */
export async function snippetOf(
  { syntax, key }: Client,
  name: string,
  entry: Mapping,
): Promise<string> {
  const file = [...key, name].reduceRight<Mapping>((inner, word) => ({ [word]: inner }), entry);
  if (syntax === "yaml") {
    const { dump } = await import("js-yaml");
    return dump(file, { lineWidth: -1 });
  }
  if (syntax === "toml") {
    const { tomlFormat } = await import("./toml_format.ts");
    return tomlFormat(key).set("", name, entry);
  }
  return `${JSON.stringify(file, null, 2)}\n`;
}
