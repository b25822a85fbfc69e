/** The repository of the releases: the one setting that every address of a release is made from. */

import { isLoopback } from "../src/loopback.ts";

export interface Repository {
  /** Such as `https://github.com/OWNER/arcade`. */
  readonly url: string;
  /** `OWNER/arcade`. */
  readonly path: string;
  /** The Homebrew tap, as `brew` names it. */
  readonly tap: string;
  /** The addresses of the repositories of the tap and of the Scoop bucket. */
  readonly tapUrl: string;
  readonly bucketUrl: string;
}

/**
 * Reads the address of a repository.
 *
 * @throws {Error} unless it is `https://HOST/OWNER/NAME`, or http to this machine.
 */
export function readRepository(text: string): Repository {
  const url = URL.parse(text);
  const isSafe = url?.protocol === "https:" ||
    url?.protocol === "http:" && isLoopback(url.hostname);
  const [, owner = "", name] = /^\/([\w.-]+)\/([\w.-]+)\/?$/.exec(url?.pathname ?? "") ?? [];
  if (!url || !isSafe || name === undefined || url.search || url.hash || url.username) {
    throw new Error(
      "ARCADE_REPOSITORY is not the address of a repository, such as https://github.com/OWNER/arcade",
    );
  }
  return {
    url: `${url.origin}/${owner}/${name}`,
    path: `${owner}/${name}`,
    tap: `${owner}/tap`,
    tapUrl: `${url.origin}/${owner}/homebrew-tap`,
    bucketUrl: `${url.origin}/${owner}/scoop-bucket`,
  };
}

/** The address of a file of a release. */
export function downloadUrl(repository: Repository, version: string, file: string): string {
  return `${repository.url}/releases/download/v${version}/${file}`;
}
