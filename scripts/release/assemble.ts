/** Assembles a release from its executables: all published files, in one folder. */

import { sha256 } from "../../src/secrecy/hash.ts";
import { executableName, forEachTarget, osOf, type Target } from "../targets.ts";
import { type ArchivedFile, tarGz, zip } from "./archive.ts";
import { deb, DEB_TARGETS, type DebArchitecture, debName } from "./deb.ts";
import { dockerfile } from "./dockerfile.ts";
import { formula } from "./formula.ts";
import { installers } from "./installers.ts";
import { NOT_FOR_PUBLICATION, releaseNotes } from "./notes.ts";
import { archiveReadme } from "./readme.ts";
import { type Archive, archiveName, type Release, urlOf } from "./release.ts";
import { scoopManifest } from "./scoop.ts";
import { wingetManifests } from "./winget.ts";

/** The content of a release. */
export interface Content {
  /** The paths of the executables. */
  readonly executables: Readonly<Record<Target, string>>;
  /** The files in each archive, without the executable and its README.md. */
  readonly files: readonly ArchivedFile[];
  /** The section of the changelog. */
  readonly changes: string;
  readonly sbom: string;
}

/** Writes the files of a release to a folder, which must exist. sign.sh signs their checksums. */
export async function assemble(
  release: Release,
  content: Content,
  folder: string,
): Promise<void> {
  const sums = new Map<string, string>();
  const write = async (name: string, text: string | Uint8Array<ArrayBuffer>) => {
    const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
    await Deno.writeFile(`${folder}/${name}`, bytes);
    const sum = await sha256(bytes);
    sums.set(name, sum);
    return sum;
  };
  const writeDeb = async (architecture: DebArchitecture): Promise<Archive> => {
    const executable = await Deno.readFile(content.executables[DEB_TARGETS[architecture]]);
    const file = debName(release, architecture);
    const sum = await write(file, await deb(release, architecture, { ...content, executable }));
    return { file, url: urlOf(release, file), sha256: sum };
  };
  const archive = async (target: Target): Promise<Archive> => {
    const file = archiveName(release, target);
    const sum = await write(file, await pack(release, content, target));
    return { file, url: urlOf(release, file), sha256: sum };
  };
  const archives = await forEachTarget(archive);
  const debs = {
    amd64: await writeDeb("amd64"),
    arm64: await writeDeb("arm64"),
  };
  const texts: Record<string, string> = {
    ...installers(release, archives),
    ...wingetManifests(release, archives),
    "arcade.rb": formula(release, archives),
    "arcade.json": scoopManifest(release, archives),
    "Dockerfile": dockerfile(release, debs),
    [`arcade-${release.version}.cdx.json`]: content.sbom,
    "release-notes.md": releaseNotes(release, content.changes),
    ...(release.isForPublication ? {} : { "NOT-FOR-PUBLICATION": `${NOT_FOR_PUBLICATION}\n` }),
  };
  for (const [name, text] of Object.entries(texts)) await write(name, text);
  const lines = [...sums].sort(([a], [b]) => a < b ? -1 : 1).map(([name, sum]) =>
    `${sum}  ${name}\n`
  );
  await Deno.writeTextFile(`${folder}/SHA256SUMS`, lines.join(""));
}

async function pack(
  release: Release,
  { executables, files }: Content,
  target: Target,
): Promise<Uint8Array<ArrayBuffer>> {
  const content = await Deno.readFile(executables[target]);
  const readme = new TextEncoder().encode(archiveReadme(release, target));
  const all = [
    { path: executableName(target), content, isExecutable: true },
    { path: "README.md", content: readme, isExecutable: false },
    ...files,
  ].sort((a, b) => a.path < b.path ? -1 : 1);
  return osOf(target) === "windows"
    ? zip(all, release.time)
    : await tarGz(archiveName(release, target).replace(/\.tar\.gz$/, ""), all, release.time);
}
