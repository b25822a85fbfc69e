/**
 * The path of a file in a folder, with the separator of the folder's system.
 *
 * @example
 * ```ts
 * pathIn("/home/me/.arcade", "usage.json"); // "/home/me/.arcade/usage.json"
 * pathIn("C:\\Users\\me\\.arcade", "usage.json"); // "C:\\Users\\me\\.arcade\\usage.json"
 * ```
 */
export function pathIn(folder: string, name: string): string {
  return `${folder}${/^(?:[a-z]:|\\\\)/i.test(folder) ? "\\" : "/"}${name}`;
}

/** Splits a path into its folder and its name. The folder of `/name` is `/`. */
export function splitPath(path: string): { folder: string; name: string } {
  const cut = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));
  return { folder: path.slice(0, cut) || path.slice(0, cut + 1), name: path.slice(cut + 1) };
}

/** Makes a path absolute. */
export function absolutePath(path: string): string {
  return /^(?:[a-z]:)?[/\\]/i.test(path) ? path : pathIn(Deno.cwd(), path);
}

/** Whether there is a file at a path, or at the end of its links. False if that is unknown. */
export function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
