/** The repository of the releases, from which all URLs of a release are derived. */

import { isLoopback } from "../src/hosts/address.ts";

export interface Repository {
  /** Such as `https://github.com/OWNER/arcade`. */
  readonly url: string;
  /** `OWNER/arcade`. */
  readonly path: string;
  /** The name of the Homebrew tap. */
  readonly tap: string;
  /** The URLs of the repositories of the tap and of the Scoop bucket. */
  readonly tapUrl: string;
  readonly bucketUrl: string;
}

/**
 * Parses the URL of a repository.
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

/** The URL of a file of a release. */
export function downloadUrl(repository: Repository, version: string, file: string): string {
  return `${repository.url}/releases/download/v${version}/${file}`;
}
