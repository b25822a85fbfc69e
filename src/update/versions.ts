/** Versions of arcade: Semantic Versioning 2.0.0. */

import { compareVersions, validateStrict } from "compare-versions";

/** Whether a text is a version of a release. Build metadata (`+…`) is not accepted. */
export function isVersion(text: string): boolean {
  return validateStrict(text) && !text.includes("+");
}

/**
 * Whether a version comes after another one (SemVer 2.0.0, 11). False if one of them is not a version.
 *
 * @example
 * ```ts
 * isNewer("0.10.0", "0.9.0"); // true
 * isNewer("1.0.0-rc.1", "1.0.0"); // false
 * ```
 */
export function isNewer(version: string, than: string): boolean {
  return isVersion(version) && isVersion(than) && compareVersions(version, than) > 0;
}
