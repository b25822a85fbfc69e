/** The newest SDKs of Arcade and clients of MCP from npm and PyPI, and arcade-mcp-server, in a temporary folder. */

import { ROOT } from "../../support/root.ts";
import { isAvailable, succeeds } from "../../support/test_machine.ts";

export const PROGRAMS = `${ROOT}/tests/end_to_end/sdks/programs`;

/** Programs as the quickstarts have them, with their server and its seed. */
export const QUICKSTARTS = `${ROOT}/tests/end_to_end/sdks/quickstarts`;

/** Whether the tests were requested. They need the internet. */
const isAsked = isAvailable("`deno task test:sdks`", () => Deno.env.has("ARCADE_TEST_SDKS"));

/** The folder of the SDKs; undefined if the tests were not requested. It is removed at the end. */
const folder = isAsked ? Deno.makeTempDirSync() : undefined;
if (folder !== undefined) {
  globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
}

/** A folder with an installed SDK, and the program that runs its scripts. */
export interface Sdk {
  readonly program: string;
  /** The folder of its scripts, from which they find it. */
  readonly folder: string;
  /** Its sources. */
  readonly sources: string;
}

/** arcadejs; undefined without Node.js or the registry. */
export function arcadejs(): Sdk | undefined {
  const place = `${folder}/js`;
  const isInstalled = isAsked && isAvailable("Node.js, and npm's registry", () => {
    Deno.mkdirSync(place);
    Deno.writeTextFileSync(`${place}/package.json`, '{"private": true}');
    const packages = ["@arcadeai/arcadejs@latest", "zod@4"];
    return succeeds("npm", "install", "--prefix", place, "--no-audit", "--no-fund", ...packages);
  });
  const sources = `${place}/node_modules/@arcadeai/arcadejs/src/resources`;
  return isInstalled ? { program: "node", folder: place, sources } : undefined;
}

/** arcadepy, in a virtual environment that has arcade-mcp-server too; undefined without Python or PyPI. */
export function arcadepy(): Sdk | undefined {
  const place = `${folder}/py`;
  const isInstalled = isAsked && isAvailable("a Python with venv, and PyPI", () => {
    const packages = ["arcadepy", "arcade-mcp-server"];
    return succeeds("python3", "-m", "venv", place) &&
      succeeds(`${place}/bin/pip`, "install", "--quiet", "--upgrade", ...packages);
  });
  if (!isInstalled) return undefined;
  const [lib] = Deno.readDirSync(`${place}/lib`);
  const sources = `${place}/lib/${lib?.name}/site-packages/arcadepy/resources`;
  return { program: `${place}/bin/python`, folder: place, sources };
}

/** The official client of MCP in TypeScript: both generations, the second one in its newest version. */
export function mcpClients(): Sdk | undefined {
  const place = `${folder}/mcp`;
  const isInstalled = isAsked && isAvailable("Node.js, and npm's registry", () => {
    Deno.mkdirSync(place);
    Deno.writeTextFileSync(`${place}/package.json`, '{"private": true}');
    const packages = ["@modelcontextprotocol/sdk@1.32", "@modelcontextprotocol/client@latest"];
    return succeeds("npm", "install", "--prefix", place, "--no-audit", "--no-fund", ...packages);
  });
  return isInstalled ? { program: "node", folder: place, sources: place } : undefined;
}

/** The official client of MCP in Python, and FastMCP's; undefined without Python or PyPI. */
export function pythonMcpClients(): Sdk | undefined {
  const place = `${folder}/mcp-py`;
  const isInstalled = isAsked &&
    isAvailable("a Python with venv, and PyPI", () =>
      succeeds("python3", "-m", "venv", place) &&
      succeeds(`${place}/bin/pip`, "install", "--quiet", "--upgrade", "mcp", "fastmcp"));
  return isInstalled
    ? { program: `${place}/bin/python`, folder: place, sources: place }
    : undefined;
}

/** A folder with Node.js 24, MCP's Inspector and the conformance tests; undefined without npm's registry. */
export function mcpTools(): string | undefined {
  const place = `${folder}/mcp-tools`;
  const isInstalled = isAsked && isAvailable("npm's registry", () => {
    Deno.mkdirSync(place);
    Deno.writeTextFileSync(`${place}/package.json`, '{"private": true}');
    const packages = [
      "node@24",
      "@modelcontextprotocol/inspector@latest",
      "@modelcontextprotocol/conformance@0.1.16",
    ];
    return succeeds("npm", "install", "--prefix", place, "--no-audit", "--no-fund", ...packages);
  });
  return isInstalled ? place : undefined;
}
