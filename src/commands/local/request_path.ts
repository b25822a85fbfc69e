/** How much of a path is shown. */
const SHOWN = 200;

/** The path of a request for a line of a log. */
export function shownPath(path: string): string {
  return path.length > SHOWN ? `${path.slice(0, SHOWN)}…` : path;
}
