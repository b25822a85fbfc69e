import { downloadUrl } from "../repository.ts";
import { archiveName, type Archives, DESCRIPTION, type Release } from "./release.ts";

const TARGET = "x86_64-pc-windows-msvc";

/** The Scoop manifest, for `bucket/arcade.json` of the bucket. Scoop replaces `$version` and `$baseurl`. */
export function scoopManifest(release: Release, archives: Archives): string {
  const { version, repository } = release;
  const { url, sha256 } = archives[TARGET];
  const next = archiveName({ ...release, version: "$version" }, TARGET);
  const manifest = {
    version,
    description: DESCRIPTION,
    homepage: repository.url,
    license: "MIT",
    architecture: { "64bit": { url, hash: sha256 } },
    bin: "arcade.exe",
    checkver: { github: repository.url },
    autoupdate: {
      architecture: { "64bit": { url: downloadUrl(repository, "$version", next) } },
      hash: { url: "$baseurl/SHA256SUMS" },
    },
  };
  return `${JSON.stringify(manifest, null, 4)}\n`;
}
