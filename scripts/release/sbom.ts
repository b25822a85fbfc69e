/** The software bill of materials of arcade in CycloneDX format: exactly the contents of its executables. */

import type { Package } from "../bundle.ts";
import type { Release } from "./release.ts";

/** The versions of the runtime in the executables. */
export interface Runtime {
  readonly deno: string;
  readonly v8: string;
}

/** The part of deno.lock that is used here. */
export interface Lock {
  readonly specifiers: Readonly<Record<string, string>>;
  readonly npm: Readonly<
    Record<string, { readonly integrity: string; readonly dependencies?: readonly string[] }>
  >;
}

/** The document as JSON. */
export function sbom(
  { version, repository, time }: Release,
  { packages, runtime, lock }: {
    readonly packages: readonly Package[];
    readonly runtime: Runtime;
    readonly lock: Lock;
  },
): string {
  const arcade = `pkg:github/${repository.path.toLowerCase()}@v${version}`;
  const deno = `pkg:github/denoland/deno@v${runtime.deno}`;
  const v8 = `pkg:github/v8/v8@${runtime.v8.replace(/-rusty$/, "")}`;
  const refs = new Map(packages.map((one) => [`${one.name}@${one.version}`, purlOf(one)]));
  const direct = Object.entries(lock.specifiers).flatMap(([specifier, version]) =>
    refs.get(`${specifier.replace(/^npm:/, "").replace(/@[^@]*$/, "")}@${version}`) ?? []
  );
  const document = {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      timestamp: new Date(time * 1000).toISOString(),
      component: {
        type: "application",
        "bom-ref": arcade,
        name: "arcade",
        version,
        purl: arcade,
        licenses: [{ license: { id: "MIT" } }],
        externalReferences: [{ type: "vcs", url: repository.url }],
      },
    },
    components: [
      ...packages.map(({ name, version }) => {
        const purl = purlOf({ name, version });
        const integrity = lockedPackage(lock, `${name}@${version}`).integrity;
        const content = Uint8Array.fromBase64(integrity.replace(/^sha512-/, "")).toHex();
        const hashes = [{ alg: "SHA-512", content }];
        return { type: "library", "bom-ref": purl, name, version, purl, hashes };
      }),
      component("platform", "deno", runtime.deno, deno),
      component("library", "v8", runtime.v8, v8),
    ],
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
  return `${JSON.stringify(document, null, 2)}\n`;
}

function component(type: string, name: string, version: string, purl: string) {
  return { type, "bom-ref": purl, name, version, purl };
}

function purlOf({ name, version }: Package): string {
  return `pkg:npm/${name.replace("@", "%40")}@${version}`;
}

function lockedPackage(lock: Lock, id: string): Lock["npm"][string] {
  const locked = lock.npm[id];
  if (!locked) throw new Error(`deno.lock does not have ${id}`);
  return locked;
}
