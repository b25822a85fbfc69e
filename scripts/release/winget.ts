import { dump } from "js-yaml";
import { type Archives, DESCRIPTION, type Release } from "./release.ts";

const PACKAGE = "ArcadeAI.Arcade";
const LOCALE = "en-US";

/** The winget manifests by name, for the folder of this version in winget-pkgs. */
export function wingetManifests(release: Release, archives: Archives): Record<string, string> {
  const { version, repository } = release;
  const { url, sha256 } = archives["x86_64-pc-windows-msvc"];
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
        { Architecture: "x64", InstallerUrl: url, InstallerSha256: sha256.toUpperCase() },
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
