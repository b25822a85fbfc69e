/** The content of all MCP clients' files. Does not start or contact anything. */

import { readClientFile, understanding } from "../../clients/client_file.ts";
import { type Client, CLIENTS, type Scope, SCOPES } from "../../clients/clients.ts";
import { commandOf, describeEntry, isOwn } from "../../clients/entry.ts";
import { openFormat } from "../../clients/formats.ts";
import { isInstalled, type Machine, pathsOf } from "../../clients/places.ts";
import { Failure } from "../../failure.ts";
import { findProgram } from "../../system/programs.ts";
import type { Context } from "../context.ts";
import { clientMachine } from "./client_files.ts";

/** A server in the file of a client. */
export interface FoundServer {
  readonly name: string;
  readonly target: string;
  /** Whether it is from arcade. */
  readonly isOwn: boolean;
  /** The program that the client starts; undefined for an address. */
  readonly program: string | undefined;
}

export interface FoundFile {
  readonly scope: Scope;
  readonly path: string;
  readonly exists: boolean;
  /** Why its servers are unknown. */
  readonly problem: string | undefined;
  readonly servers: readonly FoundServer[];
}

export interface FoundClient {
  readonly client: Client;
  readonly isInstalled: boolean;
  readonly files: readonly FoundFile[];
}

/** Finds all clients, with their files that exist. */
export async function findClients(context: Context): Promise<FoundClient[]> {
  const machine = await clientMachine(context);
  const found: FoundClient[] = [];
  for (const client of CLIENTS) found.push(await find(context, client, machine));
  return found;
}

async function find(context: Context, client: Client, machine: Machine): Promise<FoundClient> {
  const { env, machine: { os } } = context;
  const programs = new Set<string>();
  for (const name of client.programs) {
    if (await findProgram(name, env.PATH, os) !== undefined) programs.add(name);
  }
  const files: FoundFile[] = [];
  for (const scope of SCOPES) {
    for (const path of pathsOf(client, scope, machine)) {
      files.push({ scope, path, ...await read(client, path) });
    }
  }
  // If a client can have several files, skip the missing ones.
  const existing = files.filter(({ exists }) => exists);
  const user = files.filter(({ scope }) => scope === "user");
  const shown = user.some(({ exists }) => exists) ? existing : [...user.slice(0, 1), ...existing];
  return {
    client,
    isInstalled: isInstalled(client, machine, {
      isProgram: (name) => programs.has(name),
      exists,
    }),
    files: shown,
  };
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

async function read(
  client: Client,
  path: string,
): Promise<Pick<FoundFile, "exists" | "problem" | "servers">> {
  try {
    const { info, text } = readClientFile(path);
    if (info === undefined) return { exists: false, problem: undefined, servers: [] };
    if (client.syntax === "yaml") {
      return { exists: true, problem: "arcade does not read it", servers: [] };
    }
    const format = await openFormat(client);
    const servers = [...understanding(path, () => format.entries(text))].map(([name, entry]) => ({
      name,
      target: describeEntry(entry),
      isOwn: isOwn(entry),
      program: commandOf(entry)[0],
    }));
    return { exists: true, problem: undefined, servers };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { exists: true, problem: error.message, servers: [] };
  }
}
