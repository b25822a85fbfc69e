/** Versions of arcade: Semantic Versioning 2.0.0. */

const VERSION = /^(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?$/;

/** Whether a text is a version of a release. Build metadata (`+…`) is not accepted. */
export function isVersion(text: string): boolean {
  return VERSION.test(text);
}

/**
 * Whether a version comes after another one (SemVer 2.0.0, 11). False if one of them is no version.
 *
 * @example
 * ```ts
 * isNewer("0.10.0", "0.9.0"); // true
 * isNewer("1.0.0-rc.1", "1.0.0"); // false
 * ```
 */
export function isNewer(version: string, than: string): boolean {
  const [one, other] = [VERSION.exec(version), VERSION.exec(than)];
  if (!one || !other) return false;
  for (const part of [1, 2, 3]) {
    const difference = Number(one[part]) - Number(other[part]);
    if (difference !== 0) return difference > 0;
  }
  return comparePreReleases(one[4], other[4]) > 0;
}

/** A version without a pre-release comes after those with one. */
function comparePreReleases(one: string | undefined, other: string | undefined): number {
  if (one === undefined || other === undefined) {
    return Number(one === undefined) - Number(other === undefined);
  }
  const [left, right] = [one.split("."), other.split(".")];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const difference = compareIdentifiers(left[i] ?? "", right[i] ?? "");
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** Numbers come before words. */
function compareIdentifiers(one: string, other: string): number {
  const [isNumber, isOtherNumber] = [/^\d+$/.test(one), /^\d+$/.test(other)];
  if (isNumber && isOtherNumber) return Number(one) - Number(other);
  if (isNumber !== isOtherNumber) return isNumber ? -1 : 1;
  return one < other ? -1 : Number(one > other);
}
