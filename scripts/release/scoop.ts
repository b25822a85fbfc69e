import type { Target } from "../targets.ts";
import { archiveName, type Archives, DESCRIPTION, type Release, urlOf } from "./release.ts";

/** The architectures, by their names in Scoop. */
const TARGETS = { "64bit": "x86_64-pc-windows-msvc", arm64: "aarch64-pc-windows-msvc" } as const;

/** The Scoop manifest, for `bucket/arcade.json` of the bucket. Scoop replaces `$version` and `$baseurl`. */
export function scoopManifest(release: Release, archives: Archives): string {
  const { version, repository } = release;
  const next = { ...release, version: "$version" };
  const forEach = <T>(make: (target: Target) => T) =>
    Object.fromEntries(Object.entries(TARGETS).map(([name, target]) => [name, make(target)]));
  const manifest = {
    version,
    description: DESCRIPTION,
    homepage: repository.url,
    license: "MIT",
    architecture: forEach((target) => ({
      url: archives[target].url,
      hash: archives[target].sha256,
    })),
    bin: "arcade.exe",
    checkver: { github: repository.url },
    autoupdate: {
      architecture: forEach((target) => ({ url: urlOf(next, archiveName(next, target)) })),
      hash: { url: "$baseurl/SHA256SUMS" },
    },
  };
  return `${JSON.stringify(manifest, null, 4)}\n`;
}
