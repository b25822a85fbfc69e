import { dump } from "js-yaml";
import { type Archive, type Archives, DESCRIPTION, type Release } from "./release.ts";

const PACKAGE = "ArcadeAI.Arcade";
const LOCALE = "en-US";

/** The winget manifests by name, for the folder of this version in winget-pkgs. */
export function wingetManifests(release: Release, archives: Archives): Record<string, string> {
  const { version, repository } = release;
  const installer = (architecture: string, { url, sha256 }: Archive) => ({
    Architecture: architecture,
    InstallerUrl: url,
    InstallerSha256: sha256.toUpperCase(),
  });
  const manifest = (type: string, fields: Record<string, unknown>) =>
    dump({
      PackageIdentifier: PACKAGE,
      PackageVersion: version,
      ...fields,
      ManifestType: type,
      ManifestVersion: "1.12.0",
    });
  return {
    [`${PACKAGE}.yaml`]: manifest("version", { DefaultLocale: LOCALE }),
    [`${PACKAGE}.installer.yaml`]: manifest("installer", {
      InstallerType: "zip",
      NestedInstallerType: "portable",
      NestedInstallerFiles: [{ RelativeFilePath: "arcade.exe", PortableCommandAlias: "arcade" }],
      Installers: [
        installer("x64", archives["x86_64-pc-windows-msvc"]),
        installer("arm64", archives["aarch64-pc-windows-msvc"]),
      ],
    }),
    [`${PACKAGE}.locale.${LOCALE}.yaml`]: manifest("defaultLocale", {
      PackageLocale: LOCALE,
      Publisher: "Arcade",
      PackageName: "Arcade",
      PackageUrl: repository.url,
      License: "MIT",
      ShortDescription: DESCRIPTION,
      Moniker: "arcade",
    }),
  };
}
