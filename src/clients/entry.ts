/** Entries of servers in the files of clients: what arcade writes, and what it finds. */

import { isMapping, type Mapping } from "../contract/fields.ts";
import { isCloudAddress } from "../hosts/cloud.ts";
import { isLoopback } from "../hosts/address.ts";
import { splitPath } from "../system/paths.ts";
import type { Client, Template } from "./clients.ts";

/** A server that a client starts, or that it reaches over HTTP. */
export type ClientServer =
  | {
    readonly kind: "stdio";
    readonly command: readonly string[];
    readonly env: Readonly<Record<string, string>>;
  }
  | {
    readonly kind: "http";
    readonly url: string;
    /** Headers with values from environment variables. */
    readonly headers: Readonly<Record<string, Reference>>;
  };

/** A value that a client takes from a variable of its environment. */
export interface Reference {
  readonly variable: string;
  /** The prefix of the value, such as `Bearer `. */
  readonly prefix: string;
}

/**
 * The entry of a server in the notation of a client; undefined if the client cannot reach such servers, or cannot read headers
 * from variables.
 */
export function entryOf(client: Client, name: string, server: ClientServer): Mapping | undefined {
  const template = client[server.kind];
  const hasHeaders = server.kind === "http" && Object.keys(server.headers).length > 0;
  if (hasHeaders && client.reference === undefined) return undefined;
  return template && fill(template, valuesOf(client, name, server));
}

function valuesOf(
  { reference = "" }: Client,
  name: string,
  server: ClientServer,
): ReadonlyMap<unknown, unknown> {
  if (server.kind === "http") {
    const { Authorization: bearer, ...others } = server.headers;
    const all = Object.entries(server.headers).map(([header, { prefix, variable }]) =>
      [header, prefix + reference.replace("NAME", variable)] as const
    );
    const names = Object.entries(others).map(([header, { variable }]) => [header, variable]);
    return new Map<unknown, unknown>([
      ["$name", name],
      ["$url", server.url],
      ["$headers", Object.fromEntries(all)],
      ["$bearerVariable", bearer?.variable],
      ["$headerVariables", Object.fromEntries(names)],
    ]);
  }
  const [command, ...args] = server.command;
  return new Map<unknown, unknown>([
    ["$name", name],
    ["$command", command],
    ["$args", args],
    ["$argv", server.command],
    ["$env", server.env],
  ]);
}

function fill(template: Template, values: ReadonlyMap<unknown, unknown>): Mapping {
  const filled = Object.entries(template)
    .map(([key, value]) => [key, values.has(value) ? values.get(value) : value] as const)
    .filter(([, value]) => isMapping(value) ? Object.keys(value).length > 0 : value !== undefined);
  return Object.fromEntries(filled);
}

/** An entry that replaces another one. It keeps the keys that arcade does not set. */
export function replacement(client: Client, entry: Mapping, existing: unknown): Mapping {
  if (!isMapping(existing)) return entry;
  const kept = client.kept.filter((key) => Object.hasOwn(existing, key) && !(key in entry));
  return { ...entry, ...Object.fromEntries(kept.map((key) => [key, existing[key]])) };
}

/** Whether two entries are the same, whatever the order of their keys. */
export function isSameEntry(one: unknown, other: unknown): boolean {
  return canonical(one) === canonical(other);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner) => {
    if (typeof inner === "bigint") return Number(inner);
    if (!isMapping(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => a < b ? -1 : 1));
  });
}

/** The target of an entry, without possible keys: a program, or the origin of an address. */
export function describeEntry(entry: unknown): string {
  const { command, url } = partsOf(entry);
  if (isOwnCommand(command)) return `arcade mcp ${ownFolder(command)}`.trimEnd();
  const program = command[0];
  if (program !== undefined) return splitPath(program).name;
  return url === undefined ? "?" : URL.parse(url)?.origin ?? "?";
}

/** Whether arcade wrote an entry: it starts `arcade mcp`, or points to a server on this machine or to a gateway. */
export function isOwn(entry: unknown): boolean {
  const { command, url } = partsOf(entry);
  if (command.length > 0) return isOwnCommand(command);
  const address = url === undefined ? null : URL.parse(url);
  if (address === null) return false;
  return /^\/mcp(?:\/|$)/.test(address.pathname) &&
    (isLoopback(address.hostname) || isCloudAddress(address.href));
}

/** The command line of an entry; empty for one with an address. */
export function commandOf(entry: unknown): readonly string[] {
  return partsOf(entry).command;
}

/** The command line and the address of an entry, in the notation of any client. */
function partsOf(entry: unknown): { command: readonly string[]; url: string | undefined } {
  if (!isMapping(entry)) return { command: [], url: undefined };
  const inner = isMapping(entry.transport) ? entry.transport : entry;
  const texts = (value: unknown): string[] =>
    (Array.isArray(value) ? value : [value]).filter((one) => typeof one === "string");
  const [url] = texts(inner.url ?? inner.serverUrl ?? inner.httpUrl ?? inner.uri);
  return { command: [...texts(inner.command ?? inner.cmd), ...texts(inner.args)], url };
}

/** The position of the word `mcp` behind `arcade`, which can stand behind `wsl.exe` and its words; -1 without it. */
function ownAt(command: readonly string[]): number {
  return command.findIndex((word, i) =>
    i > 0 && word === "mcp" &&
    /^(?:arcade(?:\.exe)?|main\.ts)$/i.test(splitPath(command[i - 1] ?? "").name)
  );
}

function isOwnCommand(command: readonly string[]): boolean {
  return ownAt(command) !== -1;
}

/** The server's folder in an entry that arcade wrote. */
function ownFolder(command: readonly string[]): string {
  const words = command.slice(ownAt(command));
  const at = words.indexOf("--cwd");
  return at === -1 ? "" : words[at + 1] ?? "";
}
