/** The newest MCP clients and the official SDK from npm, in a temporary folder. */

import { isAvailable, succeeds } from "../../support/test_machine.ts";

/** Whether the tests were requested. They need the internet, and 2 GB of disk. */
export const isAsked = isAvailable(
  "`deno task test:clients`",
  () => Deno.env.has("ARCADE_TEST_CLIENTS"),
);

/** The folder of the packages; undefined if the tests were not requested. It is removed at the end. */
const folder = isAsked ? Deno.makeTempDirSync({ prefix: "arcade-clients-" }) : undefined;
if (folder !== undefined) {
  globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
}

/** Installs a package, with a Node.js that is new enough for it; undefined, with a notice, if that is impossible. */
export function install(...packages: readonly string[]): string | undefined {
  const place = `${folder}/${packages[0]?.replaceAll("/", "-")}`;
  if (installed.has(place)) return place;
  const isInstalled = isAvailable(`npm's registry, and ${packages.join(", ")}`, () => {
    Deno.mkdirSync(place);
    Deno.writeTextFileSync(`${place}/package.json`, '{"private": true, "type": "module"}');
    const all = ["node@24", ...packages];
    return succeeds("npm", "install", "--prefix", place, "--no-audit", "--no-fund", ...all);
  });
  if (!isInstalled) return undefined;
  installed.add(place);
  return place;
}

const installed = new Set<string>();
