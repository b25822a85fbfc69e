import { output } from "../process.ts";
import type { ArchivedFile } from "./archive.ts";

const SCRIPT = `${import.meta.dirname}/../manual.ts`;

/** The man pages and completion scripts in each archive. */
export async function manualFiles(): Promise<ArchivedFile[]> {
  const folder = await Deno.makeTempDir({ prefix: "arcade-manual-" });
  try {
    const permissions = ["--allow-read", "--allow-write", "--allow-env", "--allow-run"];
    await output(Deno.execPath(), ["run", ...permissions, SCRIPT, folder]);
    return ["man", "completions"].flatMap((part) =>
      [...Deno.readDirSync(`${folder}/${part}`)].map(({ name }) => ({
        path: `${part}/${name}`,
        content: Deno.readFileSync(`${folder}/${part}/${name}`),
        isExecutable: false,
      }))
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
