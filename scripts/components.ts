/**
 * What an executable contains: npm packages, Deno and V8. Its bill of materials and its license notices list
 * exactly these.
 */

import type { Package } from "./bundle.ts";

export interface Component {
  readonly type: "library" | "platform";
  readonly name: string;
  readonly version: string;
  /** The package URL (ECMA-427). */
  readonly purl: string;
  readonly supplier: string;
  /** The SPDX identifier of the declared license. */
  readonly license: string;
  /** The texts of its licenses, with the copyright notices. */
  readonly notices: string;
}

/** The versions in a runtime. */
export interface Runtime {
  readonly deno: string;
  readonly v8: string;
}

/** The components of an executable with these packages. */
export function componentsOf(packages: readonly Package[], { deno, v8 }: Runtime): Component[] {
  return [
    ...packages.map((one): Component => ({ ...one, type: "library", purl: purlOf(one) })),
    {
      type: "platform",
      name: "deno",
      version: deno,
      purl: `pkg:github/denoland/deno@v${deno}`,
      supplier: "Deno Land Inc.",
      license: "MIT",
      notices: textOf("licenses/deno.txt"),
    },
    {
      type: "library",
      name: "v8",
      version: v8,
      purl: `pkg:github/v8/v8@${v8.replace(/-rusty$/, "")}`,
      supplier: "The V8 project authors",
      license: "BSD-3-Clause",
      notices: textOf("licenses/v8.txt"),
    },
  ];
}

function purlOf({ name, version }: Package): string {
  return `pkg:npm/${name.replace("@", "%40")}@${version}`;
}

const LINE = "-".repeat(80);

/** The license of arcade, and those of its components. */
export function noticesOf(components: readonly Component[]): string {
  const deno = components.find(({ name }) => name === "deno");
  const sections = components.map(({ name, version, license, notices }) =>
    `${LINE}\n${name} ${version} (${license})\n${LINE}\n\n${notices}`
  );
  return `arcade is under this license:

${textOf("../LICENSE")}
Its executable also contains ${components.length} components with licenses of their own, which follow.
The components of Deno itself are listed at
https://github.com/denoland/deno/blob/v${deno?.version}/Cargo.lock

${sections.join("\n")}`;
}

/** A text file of this repository, by its path from here. */
function textOf(path: string): string {
  return Deno.readTextFileSync(`${import.meta.dirname}/${path}`).replaceAll("\r\n", "\n");
}
