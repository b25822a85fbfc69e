/**
 * The path of a program on PATH; undefined when no folder there has it. Relative folders are ignored, because they would depend
 * on the working directory.
 *
 * @example
 * ```ts
 * await findProgram("python3", env.PATH); // "/usr/bin/python3"
 * ```
 */
export async function findProgram(name: string, path = ""): Promise<string | undefined> {
  for (const folder of path.split(":").filter((one) => one.startsWith("/"))) {
    const program = `${folder}/${name}`;
    try {
      const { isFile, mode } = await Deno.stat(program);
      if (isFile && ((mode ?? 0) & 0o111) !== 0) return program;
    } catch {
      // not in this folder
    }
  }
}
