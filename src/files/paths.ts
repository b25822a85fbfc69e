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
