/**
 * The changes of a version: its section of a changelog in the format of Keep a Changelog.
 *
 * @param versions the version; after it `Unreleased`, if that may take its place.
 * @throws {Error} if there is no such section.
 */
export function changesOf(changelog: string, versions: readonly string[]): string {
  const [, ...sections] = changelog.split(/^## /m);
  const named = new Map(sections.map((one) => [/^\[?([^\]\s]+)/.exec(one)?.[1], one]));
  const section = versions.map((version) => named.get(version)).find((one) => one !== undefined);
  if (!section) throw new Error(`CHANGELOG.md has no section "## ${versions[0]}"`);
  return section.slice(section.indexOf("\n")).trim();
}
