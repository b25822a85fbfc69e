/** Creates packages for Debian and Ubuntu (deb(5), deb-control(5)). The same files give the same bytes. */

import { createHash } from "node:crypto";
import { NOTICES_FILE } from "../../src/commands/notices.ts";
import { wrap } from "../../src/text/prose.ts";
import { type ArchivedFile, type Bytes, gzip, tarGzTree } from "./archive.ts";
import { NOT_FOR_PUBLICATION } from "./notes.ts";
import { DESCRIPTION, type Release } from "./release.ts";

/** The processors, by their names in Debian. */
export const DEB_TARGETS = {
  amd64: "x86_64-unknown-linux-gnu",
  arm64: "aarch64-unknown-linux-gnu",
} as const;

export type DebArchitecture = keyof typeof DEB_TARGETS;

export function debName({ version }: Release, architecture: DebArchitecture): string {
  return `arcade_${version}_${architecture}.deb`;
}

const MAINTAINER = "Arcade <arcade@users.noreply.github.com>";

/** The package with an executable, and with the files of the archives that have a place in Debian. */
export async function deb(
  release: Release,
  architecture: DebArchitecture,
  { executable, files }: { readonly executable: Bytes; readonly files: readonly ArchivedFile[] },
): Promise<Bytes> {
  const { time } = release;
  const installed = [
    { path: "usr/bin/arcade", content: executable, isExecutable: true },
    file("usr/share/doc/arcade/changelog.gz", await gzip(bytesOf(changelog(release)))),
    file("usr/share/lintian/overrides/arcade", bytesOf(OVERRIDES)),
    ...(await Promise.all(files.map(place))).flat(),
  ].sort((a, b) => a.path < b.path ? -1 : 1);
  const sums = installed.map(({ path, content }) =>
    `${createHash("md5").update(content).digest("hex")}  ${path}\n`
  );
  const members = [
    ["debian-binary", bytesOf("2.0\n")],
    [
      "control.tar.gz",
      await tarGzTree([
        file("control", bytesOf(control(release, architecture, sizeOf(installed)))),
        file("md5sums", bytesOf(sums.join(""))),
      ], time),
    ],
    ["data.tar.gz", await tarGzTree(installed, time)],
  ] as const;
  const parts = members.flatMap(([name, content]) => [
    // ar(5)
    bytesOf(
      `${name.padEnd(16)}${String(time).padEnd(12)}${"0".padEnd(6)}${"0".padEnd(6)}` +
        `${"100644".padEnd(8)}${String(content.length).padEnd(10)}\`\n`,
    ),
    content,
    bytesOf(content.length % 2 === 0 ? "" : "\n"),
  ]);
  return new Uint8Array(await new Blob([bytesOf("!<arch>\n"), ...parts]).arrayBuffer());
}

/** The place of an archive's file in Debian; undefined if it is not needed there. */
async function place({ path, content }: ArchivedFile): Promise<ArchivedFile[]> {
  if (path.startsWith("man/")) {
    return [file(`usr/share/man/man1/${path.slice("man/".length)}.gz`, await gzip(content))];
  }
  const to = PLACES[path];
  return to === undefined ? [] : [file(to, content)];
}

const PLACES: Readonly<Record<string, string>> = {
  "completions/arcade.bash": "usr/share/bash-completion/completions/arcade",
  "completions/_arcade": "usr/share/zsh/vendor-completions/_arcade",
  "completions/arcade.fish": "usr/share/fish/vendor_completions.d/arcade.fish",
  [NOTICES_FILE]: "usr/share/doc/arcade/copyright",
};

function control(
  { version, repository, isForPublication }: Release,
  architecture: DebArchitecture,
  bytes: number,
): string {
  const mark = ` .\n ${wrap(NOT_FOR_PUBLICATION, 78).replaceAll("\n", "\n ")}\n`;
  return `Package: arcade
Version: ${debianVersion(version)}
Architecture: ${architecture}
Maintainer: ${MAINTAINER}
Installed-Size: ${Math.ceil(bytes / 1024)}
Depends: libc6 (>= 2.27), libgcc-s1 | libgcc1
Section: utils
Priority: optional
Homepage: ${repository.url}
Description: ${DESCRIPTION}
 One executable to log in to Arcade, to choose an organization and a project,
 to manage the secrets that tools need, and to deploy and watch servers.
 .
 It contains a local Arcade, to try everything without an account.
${isForPublication ? "" : mark}`;
}

/** In Debian a pre-release sorts before its release with `~`, not with `-`. */
function debianVersion(version: string): string {
  return version.replace("-", "~");
}

function changelog({ version, repository, time }: Release): string {
  const date = new Date(time * 1000).toUTCString().replace("GMT", "+0000");
  return `arcade (${debianVersion(version)}) unstable; urgency=medium

  * New version: ${repository.url}/releases/tag/v${version}

 -- ${MAINTAINER}  ${date}
`;
}

/** The overrides for lintian. */
const OVERRIDES = `# The text is part of the notices of one package.
arcade: copyright-file-contains-full-apache-2-license
arcade: copyright-not-using-common-license-for-apache2
# Deno is linked statically, and tries several browsers.
arcade: embedded-library *
arcade: missing-depends-on-sensible-utils *
`;

function sizeOf(files: readonly ArchivedFile[]): number {
  return files.reduce((sum, { content }) => sum + content.length, 0);
}

function file(path: string, content: Bytes): ArchivedFile {
  return { path, content, isExecutable: false };
}

function bytesOf(text: string): Bytes {
  return new TextEncoder().encode(text);
}
