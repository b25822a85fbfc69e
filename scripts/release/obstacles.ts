import { output } from "../process.ts";
import { changesOf } from "./changelog.ts";

/** The source that a release is made from. */
export interface Source {
  readonly version: string;
  /** The folder of the repository. */
  readonly root: string;
  readonly changelog: string;
  readonly publicKeys: readonly string[];
  /** Whether the tag may be missing, as it is before a release. */
  readonly isDryRun: boolean;
}

/** The reasons why no release can be made from this source: one sentence each, without a period. */
export async function obstaclesOf(source: Source): Promise<string[]> {
  const { version, root, changelog, publicKeys, isDryRun } = source;
  const git = (...args: readonly string[]) => output("git", ["-C", root, ...args]);
  const found: string[] = [];
  try {
    changesOf(changelog, [version]);
  } catch (error) {
    found.push(error instanceof Error ? error.message : String(error));
  }
  if (publicKeys.length === 0) found.push("scripts/release/allowed_signers has no key");
  try {
    if (await git("status", "--porcelain") !== "") {
      found.push("The files differ from the commit (`git status`)");
    }
    found.push(...await tagObstacles(git, { version, isDryRun }));
  } catch {
    found.push("The source is not a git repository with a commit");
  }
  return found;
}

async function tagObstacles(
  git: (...args: readonly string[]) => Promise<string>,
  { version, isDryRun }: Pick<Source, "version" | "isDryRun">,
): Promise<string[]> {
  const lines = async (...args: readonly string[]) =>
    (await git(...args)).split("\n").filter(Boolean);
  const tag = `v${version}`;
  const here = await lines("tag", "--points-at", "HEAD", "--list", "v*");
  if (here.includes(tag)) return [];
  if (here.length > 0) return [`The commit has the tag ${here[0]}, and src/version.ts ${version}`];
  if ((await lines("tag", "--list", tag)).length > 0) {
    return [`The tag ${tag} is on another commit`];
  }
  return isDryRun ? [] : [`The commit has no tag ${tag}`];
}
