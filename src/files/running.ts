/**
 * The running local Arcades of a user. Each registers itself in its own file (docs/contracts.md, Files), because a
 * port alone proves nothing: when a local Arcade has stopped, any user of the machine can listen there.
 */

import { Failure } from "../failure.ts";
import { runningFolder } from "./arcade_folder.ts";
import { Fields, InvalidField, isMapping, parseJson } from "../contract/fields.ts";
import { endpointOf } from "../hosts/address.ts";
import { hmacSha256 } from "../secrecy/hash.ts";
import { pathIn, splitPath } from "../system/paths.ts";
import { hex } from "../text/encoding.ts";
import { readPrivateFile, requireOwnFolder } from "./private_file.ts";
import {
  ensurePrivateFolder,
  removePrivateFile,
  writePrivateFile,
} from "./private_file_changes.ts";

/** A registered local Arcade, which may have been killed since. */
export interface RunningArcade {
  /** Where it listens, without a final slash: `http://127.0.0.1:9099`. */
  readonly address: string;
  /** The path of its Unix socket; undefined where it has none. */
  readonly socket: string | undefined;
  /** The key of its proof, for a system without sockets. */
  readonly key: string;
  readonly pid: number;
  /** Its data folder. */
  readonly data: string;
}

const NAME = /^(\d{1,5})\.json$/;

/**
 * The local Arcade that is registered for a port.
 *
 * @param folder the Arcade folder.
 * @throws {Failure} of kind `file` when another user owns or can write the registration, its folder or that of the socket:
 * when a temporary data folder is gone, any user can create another one with its name.
 */
export function readRunning(folder: string, port: number): RunningArcade | undefined {
  requireOwnFolder(runningFolder(folder));
  const text = readPrivateFile(pathOf(folder, port));
  const content = text === undefined ? undefined : parseJson(text);
  if (!isMapping(content)) return undefined;
  try {
    const fields = new Fields(content);
    const address = fields.requiredText("address");
    // The file may have been renamed.
    if (endpointOf(address).port !== port) return undefined;
    // Windows has no such sockets, and can share the folder with a local Arcade in WSL.
    const socket = Deno.build.os === "windows" ? undefined : fields.text("socket");
    if (socket !== undefined) requireOwnFolder(splitPath(socket).folder);
    return {
      address,
      socket,
      key: fields.requiredText("key"),
      pid: fields.requiredInteger("pid"),
      data: fields.requiredText("data"),
    };
  } catch (error) {
    if (error instanceof InvalidField) return undefined;
    throw error;
  }
}

/** All registered local Arcades, by port. Skips unusable registrations. */
export function listRunning(folder: string): RunningArcade[] {
  let names: string[];
  try {
    names = [...Deno.readDirSync(runningFolder(folder))].map(({ name }) => name);
  } catch {
    return []; // nothing was ever registered, or the folder is unreadable
  }
  return names.flatMap((name) => NAME.exec(name)?.[1] ?? []).map(Number).sort((a, b) => a - b)
    .flatMap((port) => {
      try {
        return readRunning(folder, port) ?? [];
      } catch (error) {
        if (error instanceof Failure) return [];
        throw error;
      }
    });
}

/**
 * Registers a local Arcade, which has bound its port, so that no other local Arcade writes this file. No other one uses its data folder.
 *
 * @returns a function that removes the registration. Errors of the removal are ignored: a registration without its local
 * Arcade is harmless.
 * @throws {Failure} of kind `file`.
 */
export function register(
  folder: string,
  arcade: RunningArcade,
  options: { readonly isSynced?: boolean } = {},
): () => void {
  ensurePrivateFolder(folder);
  ensureRunningFolder(folder);
  removeLeft(folder, arcade);
  const path = pathOf(folder, endpointOf(arcade.address).port);
  writePrivateFile(path, `${JSON.stringify(arcade)}\n`, options);
  return () => {
    try {
      if (readRunning(folder, endpointOf(arcade.address).port)?.key === arcade.key) {
        removePrivateFile(path);
      }
    } catch {
      // the folder may be gone
    }
  };
}

/**
 * Creates the folder of the registrations if it is missing.
 *
 * @throws {Failure} of kind `file`, also when another user owns it, who could remove its content.
 */
export function ensureRunningFolder(folder: string): void {
  const path = runningFolder(folder);
  ensurePrivateFolder(path);
  requireOwnFolder(path);
}

/** Removes the registrations of killed local Arcades with the same data, because this one uses their socket now. */
function removeLeft(folder: string, { address, data }: RunningArcade): void {
  for (const one of listRunning(folder)) {
    const { port } = endpointOf(one.address);
    if (one.data === data && port !== endpointOf(address).port) {
      removePrivateFile(pathOf(folder, port));
    }
  }
}

function pathOf(folder: string, port: number): string {
  return pathIn(runningFolder(folder), `${port}.json`);
}

/** The path where a local Arcade proves its identity. */
export const PROOF_PATH = "/.well-known/arcade/proof";

/**
 * The proof of a local Arcade for a nonce, in hexadecimal. It covers the address that the answering process itself bound, so
 * that a program that took the port cannot pass the challenge on.
 */
export async function proofOf(
  { key, address }: Pick<RunningArcade, "key" | "address">,
  nonce: string,
): Promise<string> {
  return hex(await hmacSha256(key, `arcade local proof\n${nonce}\n${address}`));
}
