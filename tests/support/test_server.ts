/** The MCP server in tests/data/mcp_server, and archives of it as `arcade deploy` makes them. */

import { Buffer } from "node:buffer";
import { packTar, type TarEntry } from "modern-tar";
import { pythonWith } from "./python.ts";
import { isAvailable } from "./test_machine.ts";

export const SERVER_FOLDER = new URL("../data/mcp_server/", import.meta.url).pathname;

const python = Deno.build.os === "windows" ? undefined : pythonWith("http.server");
/** For tests that run the server: whether there is no Python here. */
export const withoutPython = !isAvailable("python3", () => python !== undefined);

/** The environment of a local Arcade that finds Python: no tool in front of it that starts it. */
export const PYTHON_ENVIRONMENT = {
  PATH: `${python?.replace(/\/[^/]+$/, "")}:/usr/bin:/bin`,
  HOME: Deno.env.get("HOME") ?? "/",
};

/** What differs from the server as it is in its folder. */
export interface ServerChanges {
  readonly version?: string;
  /** Words of MISBEHAVIORS in server.py. */
  readonly misbehave?: string;
  /** More files, by their paths; or others in place of those that are there. */
  readonly files?: Readonly<Record<string, string>>;
}

/** The files of the server, by their paths. */
export function serverFiles(changes: ServerChanges = {}): Record<string, string> {
  const { version = "1.0.0", misbehave, files = {} } = changes;
  const read = (name: string) => Deno.readTextFileSync(SERVER_FOLDER + name);
  return {
    "server.py": read("server.py").replace('VERSION = "1.0.0"', `VERSION = "${version}"`),
    "pyproject.toml": read("pyproject.toml"),
    ...(misbehave === undefined ? {} : { misbehave }),
    ...files,
  };
}

export interface Deployment {
  readonly name: string;
  readonly toolkits: {
    readonly bundles: readonly Readonly<
      Record<"name" | "version" | "bytes" | "type" | "entrypoint", string>
    >[];
    readonly packages: readonly [];
  };
}

/** The body of a request that deploys the server; an update needs no name. */
export async function deploymentOf(
  name: string,
  changes: ServerChanges = {},
): Promise<Deployment> {
  const entries = Object.entries(serverFiles(changes)).map(([path, body]) => fileEntry(path, body));
  const bytes = await archiveOf(entries);
  return { name, toolkits: toolkitsOf(name, bytes, { version: changes.version ?? "1.0.0" }) };
}

export function toolkitsOf(
  name: string,
  bytes: string,
  { version = "1.0.0", entrypoint = "server.py" } = {},
): Deployment["toolkits"] {
  return { bundles: [{ name, version, bytes, type: "mcp", entrypoint }], packages: [] };
}

export function fileEntry(path: string, body: string): TarEntry {
  const size = new TextEncoder().encode(body).length;
  return { header: { name: `project/${path}`, size, type: "file", mode: 0o644 }, body };
}

/** A tar.gz archive as base64. */
export async function archiveOf(entries: readonly TarEntry[]): Promise<string> {
  return await gzipped(await packTar(entries));
}

export async function gzipped(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return Buffer.from(await new Response(stream).arrayBuffer()).toString("base64");
}

/** Writes the files of the server into a folder, which is created. */
export function writeServer(folder: string, changes: ServerChanges = {}): void {
  for (const [path, text] of Object.entries(serverFiles(changes))) {
    Deno.mkdirSync(`${folder}/${path}`.replace(/\/[^/]+$/, ""), { recursive: true });
    Deno.writeTextFileSync(`${folder}/${path}`, text);
  }
}
