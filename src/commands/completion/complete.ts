/** The response to a shell's completion script for one Tab (docs/contracts.md, Completion). */

import { complete } from "../../cli/completion.ts";
import type { Program } from "../../cli/program.ts";
import type { Context } from "../context.ts";
import { SHELLS } from "./shells/shell.ts";
import { loadShell } from "./load_shell.ts";

/**
 * The answer: `words` or `files` on the first line, and then a line for each candidate. Empty for an unknown shell.
 *
 * @param passed the name of the shell, and what its script passes.
 * @param options.makeContext called only if names are needed.
 */
export async function answerShell(
  [name, ...passed]: readonly string[],
  { program, makeContext }: {
    readonly program: Program<Context>;
    readonly makeContext: () => Promise<Context>;
  },
): Promise<string> {
  const shellName = SHELLS.find((one) => one === name);
  if (shellName === undefined) return "";
  const shell = await loadShell(shellName);
  const line = shell.read(passed);
  const { words, current } = line;
  if (line.isRedirection) return "files\n";
  const completion = await complete(words, current, { program, hasBriefs: shell.hasBriefs });
  if (completion.kind === "files") return "files\n";
  const candidates = completion.kind === "words"
    ? completion.candidates
    : await (await import("./names.ts")).findNames(await makeContext(), completion, current);
  const written = candidates.flatMap((candidate) => shell.write(candidate, line) ?? []);
  return ["words", ...written].map((one) => `${one}\n`).join("");
}
