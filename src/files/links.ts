/** Links in an archive, followed without a file system. */

/** A file, a folder, or a link with where it leads. */
export interface ArchiveEntry {
  readonly kind: "file" | "folder" | "link";
  readonly target?: string;
}

/** As many links as Linux follows. */
const MAX_LINKS = 40;
const MAX_TARGET_LENGTH = 4096;

/**
 * Where a link leads, also through other links: to an entry, out of the archive, or to nothing.
 *
 * @param path the path of the link.
 * @param entries all entries by their paths, with `/` between their parts; without the folder of the archive itself.
 */
export function followLink(
  path: string,
  entries: ReadonlyMap<string, ArchiveEntry>,
): "entry" | "out" | "nothing" {
  const at: string[] = [];
  /** What is left of the path, the next part last. */
  const left = path.split("/").reverse();
  let links = 0;
  for (let part = left.pop(); part !== undefined; part = left.pop()) {
    if (part === "..") {
      if (at.pop() === undefined) return "out";
    } else if (part !== "" && part !== ".") {
      at.push(part);
      const { kind, target = "" } = entries.get(at.join("/")) ?? {};
      if (kind === "link") {
        if (target.startsWith("/")) return "out";
        if (target === "" || target.length > MAX_TARGET_LENGTH) return "nothing";
        if (++links > MAX_LINKS) return "nothing";
        at.pop();
        left.push(...target.split("/").reverse());
      } else if (kind === undefined || (kind === "file" && left.length > 0)) {
        return "nothing";
      }
    }
  }
  return "entry";
}
