/** Generates src/commands/briefs.ts from the declarations. */

import { ROUTES } from "../src/commands/routes.ts";
import { formatted } from "./markdown.ts";

/** The module, formatted. */
export async function briefsModule(): Promise<string> {
  const briefs = await Promise.all(
    [...ROUTES].map(async ([word, load]) => [word, (await load()).brief]),
  );
  return await formatted(
    `/** The briefs of the declarations by first words. This file is made by \`deno task docs\`. */
    export const BRIEFS: Readonly<Record<string, string>> = ${
      JSON.stringify(Object.fromEntries(briefs))
    };`,
    "ts",
  );
}
