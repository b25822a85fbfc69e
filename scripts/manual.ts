/**
 * `deno run scripts/manual.ts FOLDER`: writes the man pages to FOLDER/man, and the completion scripts of all
 * shells to FOLDER/completions, for the archives of a release.
 */

import { SHELLS } from "../src/commands/completion/shells/shell.ts";
import { loadShell } from "../src/commands/completion/load_shell.ts";
import { manualPages } from "./manual_pages.ts";

const [folder] = Deno.args;
if (folder === undefined) throw new Error("Name a folder: deno run scripts/manual.ts FOLDER");
await Deno.mkdir(`${folder}/man`, { recursive: true });
for (const [name, page] of await manualPages()) {
  await Deno.writeTextFile(`${folder}/man/${name}`, page);
}
await Deno.mkdir(`${folder}/completions`, { recursive: true });
for (const shell of SHELLS) {
  const { file, script } = await loadShell(shell);
  await Deno.writeTextFile(`${folder}/completions/${file}`, script);
}
