/** The software bill of materials of arcade in CycloneDX format: exactly the contents of its executables. */

import type { Component } from "../components.ts";
import { sha256 } from "../../src/secrecy/hash.ts";
import { type Target, TARGETS } from "../targets.ts";
import type { Release } from "./release.ts";

/** The part of deno.lock that is used here. */
export interface Lock {
  readonly specifiers: Readonly<Record<string, string>>;
  readonly npm: Readonly<
    Record<string, { readonly integrity: string; readonly dependencies?: readonly string[] }>
  >;
}

interface Contents {
  readonly components: readonly Component[];
  /** The SHA-256 of the runtime for each platform. */
  readonly runtimes: Readonly<Record<Target, string>>;
  readonly lock: Lock;
}

/** The document as JSON. */
export async function sbom(release: Release, contents: Contents): Promise<string> {
  const document = documentOf(release, contents);
  // The same contents have the same number (RFC 9562, version 8: bits of any origin).
  const [, a, b, c, d, e] =
    /^(.{8})(.{4}).(.{3}).(.{3})(.{12})/.exec(await sha256(bytesOf(JSON.stringify(document)))) ??
      [];
  const serialNumber = `urn:uuid:${a}-${b}-8${c}-8${d}-${e}`;
  const { bomFormat, specVersion, ...others } = document;
  return `${JSON.stringify({ bomFormat, specVersion, serialNumber, ...others }, null, 2)}\n`;
}

function documentOf(
  { version, repository, time }: Release,
  { components, runtimes, lock }: Contents,
) {
  const arcade = `pkg:github/${repository.path.toLowerCase()}@v${version}`;
  const supplier = { name: "Arcade", url: [repository.url] };
  const packages = components.filter(({ purl }) => purl.startsWith("pkg:npm/"));
  const refs = new Map(packages.map(({ name, version, purl }) => [`${name}@${version}`, purl]));
  const direct = Object.entries(lock.specifiers).flatMap(([specifier, version]) =>
    refs.get(`${specifier.replace(/^npm:/, "").replace(/@[^@]*$/, "")}@${version}`) ?? []
  );
  const [deno = "", v8 = ""] = ["deno", "v8"].map((name) =>
    components.find((one) => one.name === name)?.purl
  );
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      timestamp: new Date(time * 1000).toISOString(),
      supplier,
      component: {
        type: "application",
        "bom-ref": arcade,
        supplier,
        name: "arcade",
        version,
        licenses: [{ license: { id: "MIT", acknowledgement: "declared" } }],
        purl: arcade,
        externalReferences: [{ type: "vcs", url: repository.url }],
      },
    },
    components: components.map(({ type, name, version, purl, supplier, license }) => ({
      type,
      "bom-ref": purl,
      supplier: { name: supplier },
      name,
      version,
      ...refs.has(`${name}@${version}`) && { hashes: [hashOf(lock, `${name}@${version}`)] },
      licenses: [
        /\s/.test(license)
          ? { expression: license, acknowledgement: "declared" }
          : { license: { id: license, acknowledgement: "declared" } },
      ],
      purl,
      ...purl === deno && { components: TARGETS.map((target) => runtimeOf(target, runtimes)) },
    })),
    dependencies: [
      { ref: arcade, dependsOn: [...direct, deno] },
      ...[...refs].map(([id, ref]) => ({
        ref,
        dependsOn: (lockedPackage(lock, id).dependencies ?? []).flatMap((name) =>
          [...refs].find(([other]) => other === name || other.startsWith(`${name}@`))?.[1] ?? []
        ),
      })),
      { ref: deno, dependsOn: [v8] },
      { ref: v8, dependsOn: [] },
    ],
  };
}

/** The file that `deno compile` puts the program into. */
function runtimeOf(target: Target, runtimes: Contents["runtimes"]) {
  const name = `denort-${target}`;
  const hashes = [{ alg: "SHA-256", content: runtimes[target] }];
  return { type: "file", "bom-ref": name, name, hashes };
}

function hashOf(lock: Lock, id: string) {
  const { integrity } = lockedPackage(lock, id);
  const content = Uint8Array.fromBase64(integrity.replace(/^sha512-/, "")).toHex();
  return { alg: "SHA-512", content };
}

function lockedPackage(lock: Lock, id: string): Lock["npm"][string] {
  const locked = lock.npm[id];
  if (!locked) throw new Error(`deno.lock does not have ${id}`);
  return locked;
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
