/**
 * The path of a program on PATH; undefined when no folder there has it.
 *
 * @example
 * ```ts
 * await findProgram("python3", env.PATH); // "/usr/bin/python3"
 * ```
 */
export async function findProgram(
  name: string,
  path = "",
  os: string = Deno.build.os,
): Promise<string | undefined> {
  for (const program of programPaths(name, path, os)) {
    if (await isProgram(program, os)) return program;
  }
}

/** Whether there is a program at a path. */
export async function isProgram(path: string, os: string = Deno.build.os): Promise<boolean> {
  try {
    const { isFile, mode, size } = await Deno.stat(path);
    // Windows has no modes, but has empty files that open its store.
    return isFile && (os === "windows" ? size > 0 : ((mode ?? 0) & 0o111) !== 0);
  } catch {
    return false;
  }
}

/** Where PATH may have a program. Relative folders are ignored, because they would depend on the working directory. */
export function programPaths(name: string, path: string, os: string): string[] {
  return os === "windows"
    ? path.split(";").filter((folder) => /^(?:[a-z]:[/\\]|\\\\)/i.test(folder))
      .map((folder) => `${folder.replace(/(?<![/\\])[/\\]+$/, "")}\\${name}.exe`)
    : path.split(":").filter((folder) => folder.startsWith("/"))
      .map((folder) => `${folder}/${name}`);
}
