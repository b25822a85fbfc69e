/**
 * The changes of a version: its section of a changelog in the Keep a Changelog format.
 *
 * @param versions the version, and `Unreleased` as a fallback if that is acceptable.
 * @throws {Error} if the section is missing.
 */
export function changesOf(changelog: string, versions: readonly string[]): string {
  const [, ...sections] = changelog.split(/^## /m);
  const named = new Map(sections.map((one) => [/^\[?([^\]\s]+)/.exec(one)?.[1], one]));
  const section = versions.map((version) => named.get(version)).find((one) => one !== undefined);
  if (!section) throw new Error(`CHANGELOG.md has no section "## ${versions[0]}"`);
  return section.slice(section.indexOf("\n")).trim();
}
