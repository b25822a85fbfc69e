/** Projects to deploy. Half of their files compress well, and half do not. */

const FILE_BYTES = 1_000_000;

/** Writes a project of a given size to a folder. The content is deterministic. */
export async function writeProject(folder: string, megabytes: number): Promise<void> {
  await Deno.mkdir(`${folder}/data`, { recursive: true });
  await Deno.writeTextFile(`${folder}/pyproject.toml`, "[project]\n");
  await Deno.writeTextFile(`${folder}/server.py`, "");
  let state = 1;
  const next = () => state = state * 48271 % 2147483647; // Lehmer generator
  const words = Array.from({ length: 5000 }, () => next().toString(36).slice(0, 2 + next() % 6));
  for (let i = 0; i < megabytes; i++) {
    let text = "";
    while (text.length < FILE_BYTES) text += `${words[next() % words.length]} `;
    const bytes = i % 2 === 0
      ? new TextEncoder().encode(text.slice(0, FILE_BYTES))
      : Uint8Array.from({ length: FILE_BYTES }, () => next() >> 8);
    await Deno.writeFile(`${folder}/data/${i}.bin`, bytes);
  }
}
