/**
 * The schemas of Scoop and winget for manifests. `deno task test:platforms` downloads them at fixed commits, and
 * tests/release/packages_test.ts uses them if they exist.
 */

import { USER_CACHE } from "./cache.ts";

/** The folder for everything that `deno task test:platforms` installs. */
export const TOOLS = `${USER_CACHE}/arcade-tests/release-tools`;

/** The folder with the validator of bills of materials, a Python package. */
export const CYCLONEDX = `${TOOLS}/cyclonedx`;

const SCOOP = "ScoopInstaller/Scoop/918ba4ec4d897d47e409e78c295aad1bf61fcc71/schema.json";
const WINGET = "microsoft/winget-cli/730f13e2f231e759e8e3ca55d173707309cf5c94/schemas/JSON/" +
  "manifests/v1.12.0/manifest";

/** The path of each schema in its repository, by manifest type. */
const SCHEMAS = {
  scoop: SCOOP,
  version: `${WINGET}.version.1.12.0.json`,
  installer: `${WINGET}.installer.1.12.0.json`,
  defaultLocale: `${WINGET}.defaultLocale.1.12.0.json`,
} as const;

export type SchemaName = keyof typeof SCHEMAS;

/** The local path of a schema. */
export function schemaFile(name: SchemaName): string {
  return `${TOOLS}/schemas/${name}.json`;
}

/** The local paths and URLs of all schemas. */
export const SCHEMA_SOURCES: readonly { readonly file: string; readonly url: string }[] = Object
  .entries(SCHEMAS).map(([name, path]) => ({
    file: `${TOOLS}/schemas/${name}.json`,
    url: `https://raw.githubusercontent.com/${path}`,
  }));
