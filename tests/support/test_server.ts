/** The MCP server in tests/data/mcp_server, and archives of it as `arcade deploy` makes them. */

import { Buffer } from "node:buffer";
import { packTar, type TarEntry } from "modern-tar";
import { pythonWith } from "./python.ts";
import { isAvailable } from "./test_machine.ts";
import { ROOT } from "./root.ts";

const python = Deno.build.os === "windows" ? undefined : pythonWith("http.server");
/** Whether there is no Python to run the server. */
export const withoutPython = !isAvailable("python3", () => python !== undefined);

/** The environment of a local Arcade that finds the real Python, without a wrapper before it in PATH. */
export const PYTHON_ENVIRONMENT = {
  PATH: `${python?.replace(/\/[^/]+$/, "")}:/usr/bin:/bin`,
  HOME: Deno.env.get("HOME") ?? "/",
};

/** Changes to the server. */
export interface ServerChanges {
  readonly version?: string;
  /** Names from MISBEHAVIORS in server.py. */
  readonly misbehave?: string;
  /** Additional or changed files, by path. */
  readonly files?: Readonly<Record<string, string>>;
}

/** The files of the server, by path. */
export function serverFiles(changes: ServerChanges = {}): Record<string, string> {
  const { version = "1.0.0", misbehave, files = {} } = changes;
  const read = (name: string) => Deno.readTextFileSync(`${ROOT}/tests/data/mcp_server/${name}`);
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

/** The body of a request that deploys the server. An update needs no name. */
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

/**
 * Adds tools that act for a user at github: `Star` needs the scope `repo`, `Gist` needs `gist`, and `Sign` needs `repo` and
 * the secret TEST_SECRET. Their value is what they get.
 */
export const GRANT_TOOLS: ServerChanges = {
  files: {
    "server.py": Deno.readTextFileSync(`${ROOT}/tests/data/mcp_server/server.py`)
      .replace(
        "def call(name",
        `def for_user(name, scope, secrets=None):
    added = tool(name, "Acts for a user", {}, secrets)
    added["requirements"]["authorization"] = {
        "id": None, "provider_id": "github", "provider_type": "oauth2", "oauth2": {"scopes": [scope]},
    }
    return added


TOOLS += [for_user("Star", "repo"), for_user("Gist", "gist"), for_user("Sign", "repo", ["TEST_SECRET"])]


def call(name`,
      )
      .replace(
        `    if name == "Greet":`,
        `    if name in ("Star", "Gist", "Sign"):
        return {"value": {**context["authorization"], "secrets": context["secrets"], "user_id": context["user_id"]}}
    if name == "Greet":`,
      ),
  },
};
