/** The data of a release that all its parts use. */

import type { Repository } from "../repository.ts";
import { downloadUrl } from "../repository.ts";
import { osOf, type Target } from "../targets.ts";

/** The description for package managers. Homebrew allows at most 80 characters and no final period. */
export const DESCRIPTION =
  "Command-line interface for Arcade: log in, keep secrets, deploy servers";

export interface Release {
  readonly version: string;
  readonly repository: Repository;
  /** The time of the files in archives, in seconds since 1970. */
  readonly time: number;
  /** The public keys that can sign the checksums. */
  readonly publicKeys: readonly string[];
  /** False for a dry run. */
  readonly isForPublication: boolean;
}

/** An archive of a release. */
export interface Archive {
  readonly file: string;
  readonly url: string;
  readonly sha256: string;
}

export type Archives = Readonly<Record<Target, Archive>>;

/** The name of the archive for a platform. */
export function archiveName(release: Release, target: Target): string {
  return `arcade-${release.version}-${target}.${osOf(target) === "windows" ? "zip" : "tar.gz"}`;
}

/** The URL of a file of this release. */
export function urlOf({ repository, version }: Release, file: string): string {
  return downloadUrl(repository, version, file);
}
