/** Changes the files of MCP clients, for the commands that add servers to them. */

import { homeFolder } from "../../files/arcade_folder.ts";
import {
  type Client,
  CLIENTS,
  findClient,
  type Scope,
  SERVER_NAME,
  serverNameOf,
} from "../../clients/clients.ts";
import {
  type ClientFile,
  readClientFile,
  understanding,
  withClientLock,
  writeClientFile,
} from "../../clients/client_file.ts";
import { unifiedDiff } from "../../clients/diff.ts";
import { isOwn, isSameEntry, replacement } from "../../clients/entry.ts";
import type { Format } from "../../clients/format.ts";
import { openFormat } from "../../clients/formats.ts";
import { isAcross, type Machine, pathsOf } from "../../clients/places.ts";
import { snippetOf } from "../../clients/snippet.ts";
import type { Mapping } from "../../contract/fields.ts";
import { Failure } from "../../failure.ts";
import { absolute } from "../../system/guarded_program.ts";
import { pathIn, splitPath } from "../../system/paths.ts";
import { withLock } from "../../files/lock.ts";
import { closest } from "../../text/closest.ts";
import { printable } from "../../terminal/safe_text.ts";
import type { Context } from "../context.ts";
import { isInGit } from "./project/git.ts";
import { chooseName } from "./input.ts";
import { writeJson } from "./json.ts";

/** What the commands for clients have in common. */
export interface ClientFlags {
  readonly scope: Scope;
  readonly name?: string;
  readonly config?: string;
  readonly dryRun?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** How an entry is changed. */
interface ChangeOptions extends Pick<ClientFlags, "dryRun" | "force"> {
  /** Whether another entry that arcade wrote is replaced. */
  readonly replacesOwn?: boolean;
}

const ALL = "`arcade configure --list` shows all";

/**
 * The client that the user names, or chooses from a list on a terminal.
 *
 * @throws {Failure} of kind `usage` when there is no such client.
 */
export async function requireClient(context: Context, word: string | undefined): Promise<Client> {
  const typed = word ?? await chooseName(context, {
    what: "client",
    items: () => Promise.resolve(CLIENTS.map(({ id, title }) => ({ name: id, note: title }))),
    next: `Name one; ${ALL}`,
  });
  const found = findClient(typed);
  if (found === undefined) {
    const names = CLIENTS.flatMap(({ id, aliases = {} }) => [id, ...Object.keys(aliases)]);
    const meant = closest(typed, names);
    throw new Failure("usage", `There is no client "${typed}"`, {
      next: meant === undefined ? `Name a client; ${ALL}` : `Did you mean "${meant}"?`,
    });
  }
  if (found.note !== "" && !context.io.json) context.io.info(found.note);
  return found.client;
}

/**
 * The name of the server in the file of a client.
 *
 * @param otherwise what a name is made of if none was typed.
 * @throws {Failure} of kind `usage` when a client would not accept it.
 */
export function requireServerName(
  client: Client,
  { name }: ClientFlags,
  otherwise: string,
): string {
  const given = name ?? serverNameOf(otherwise);
  if (given === undefined || !SERVER_NAME.test(given)) {
    throw new Failure("usage", "The name of the server is not accepted by every client", {
      next:
        "Give one with `--name`: a lowercase letter, then up to 19 lowercase letters, digits or dashes",
    });
  }
  if (!client.reserved?.includes(given)) return given;
  throw new Failure("usage", `${client.title} reserves the name ${given}`, {
    next: "Give another one with `--name`",
  });
}

/** This machine, for the places of clients' files. */
export async function clientMachine(context: Context): Promise<Machine> {
  const { env, files: { cwd }, machine: { os } } = context;
  const own = os === "windows" || os === "darwin" ? os : "linux";
  const separator = own === "windows" ? "\\" : "/";
  const home = homeFolder(env, own);
  const isInWsl = own === "linux" && Boolean(env.WSL_DISTRO_NAME);
  const folders = isInWsl
    ? await (await import("../../clients/wsl.ts")).windowsFolders(env.PATH)
    : undefined;
  return {
    own: { os: own, home, env, separator, isFolder },
    isInWsl,
    windows: folders && {
      os: "windows",
      home: folders.USERPROFILE,
      env: folders,
      separator: "/",
      isFolder,
    },
    project: cwd(),
  };
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

/** One server of a client, in the file that has it or gets it. */
export interface ServerPlace {
  readonly client: Client;
  readonly scope: Scope;
  readonly name: string;
  readonly path: string;
}

/**
 * The file that has an entry, or else the first that exists, or else the first of all.
 *
 * @throws {Failure} of kind `usage` when the client has no file for that, and `file` when one cannot be read.
 */
export async function findPlace(
  context: Context,
  { client, name, flags, machine }: {
    readonly client: Client;
    readonly name: string;
    readonly flags: ClientFlags;
    readonly machine: Machine;
  },
): Promise<ServerPlace> {
  const { scope, config } = flags;
  if (config !== undefined) {
    return { client, scope, name, path: absolute(context.files.cwd(), config) };
  }
  const paths = pathsOf(client, scope, machine);
  const [first] = paths;
  if (first === undefined && isAcross(client, scope, machine)) {
    throw new Failure("file", "Windows did not say where programs store their files", {
      next: "Name the file with `--config`",
    });
  }
  if (first === undefined) {
    const other = scope === "project" && client.user
      ? "Leave out `--scope project`, or name"
      : "Name";
    throw new Failure("usage", `${client.title} has no known file for this ${scope}`, {
      next: `${other} the file with \`--config\``,
    });
  }
  const path = await chosenOf(client, name, [first, ...paths.slice(1)]);
  if (scope === "project") requireInside(machine.project, path);
  return { client, scope, name, path };
}

async function chosenOf(
  client: Client,
  name: string,
  paths: readonly [string, ...string[]],
): Promise<string> {
  const [first, ...others] = paths;
  if (others.length === 0) return first;
  const format = await openFormat(client);
  const existing = paths.filter((path) => readClientFile(path).info !== undefined);
  const having = existing.find((path) => {
    const { text } = readClientFile(path);
    return understanding(path, () => format.entries(text)).has(name);
  });
  return having ?? existing[0] ?? first;
}

/**
 * Requires that no link on the path to a file points outside the project, because a repository can contain any links.
 *
 * @throws {Failure} of kind `file`.
 */
function requireInside(project: string, path: string): void {
  const root = realPath(project)?.replace(/[/\\]$/, "");
  const real = realPath(path);
  if (root !== undefined && real?.startsWith(root) && /^[/\\]/.test(real.slice(root.length))) {
    return;
  }
  throw new Failure("file", `${path} points outside the project`, {
    next: "Remove the link, or name the file itself with `--config`",
  });
}

/** A path without links, as far as it exists. */
function realPath(path: string): string | undefined {
  try {
    return Deno.realPathSync(path);
  } catch {
    const { folder, name } = splitPath(path);
    if (folder === path) return undefined;
    const parent = realPath(folder);
    return parent && pathIn(parent, name);
  }
}

/** The result for an entry. */
export type Change = "added" | "replaced" | "unchanged" | "removed" | "absent";

export interface Changed {
  readonly change: Change;
  /** The path of the file, without links. */
  readonly path: string;
  /** The difference, with values masked; empty without one, and unless it was a dry run. */
  readonly diff: string;
}

/**
 * Adds an entry to the file of a client, replaces it there, or removes it.
 *
 * @param wanted the entry; undefined removes it.
 * @throws {Failure} of kind `file` when the file is broken or cannot be written, and of kind `usage` when there is another entry
 * with that name and `--force` was not given. Nothing is changed then.
 */
export async function changeEntry(
  context: Context,
  place: ServerPlace,
  wanted: Mapping | undefined,
  flags: ChangeOptions,
): Promise<Changed> {
  const format = await openFormat(place.client);
  const work = () => changeNow(place, format, wanted, flags);
  if (flags.dryRun) return work();
  const { client: { locks }, scope, path } = place;
  const { clock, files: { folder, windows }, signals } = context;
  return await withLock(
    folder(),
    ".clients.lock",
    () => locks && scope === "user" ? withClientLock(path, clock, work) : work(),
    { windows, signal: signals.interruption() },
  );
}

function changeNow(
  place: ServerPlace,
  format: Format,
  wanted: Mapping | undefined,
  { dryRun, force, replacesOwn }: ChangeOptions,
): Changed {
  const { client, scope, name, path } = place;
  const file = readClientFile(path);
  const existing = understanding(path, () => format.entries(file.text)).get(name);
  const entry = wanted && replacement(client, wanted, existing);
  const isForced = force === true || (replacesOwn === true && isOwn(existing));
  const change = changeOf(place, { existing, entry, isForced });
  if (change === "unchanged" || change === "absent") return { change, path: file.path, diff: "" };
  const text = understanding(
    path,
    () => entry ? format.set(file.text, name, entry) : format.remove(file.text, name),
  );
  if (!dryRun) {
    // The user's files can contain tokens of other servers. A project's files are for everyone who works on it.
    const mode = scope === "user" ? 0o600 : 0o666;
    writeClientFile(file, text, { mode, keepsMark: client.readsMark });
  }
  const diff = dryRun ? diffOf(file, { text, format, shown: entry && name }) : "";
  return { change, path: file.path, diff };
}

function changeOf(
  { client, name, path }: ServerPlace,
  { existing, entry, isForced }: {
    readonly existing: unknown;
    readonly entry: Mapping | undefined;
    readonly isForced: boolean;
  },
): Change {
  if (existing === undefined) return entry ? "added" : "absent";
  if (entry === undefined) {
    if (isForced || isOwn(existing)) return "removed";
    throw new Failure("usage", `The server ${name} in ${path} is not from arcade`, {
      next: "Remove it with `--force`, or name another one with `--name`",
    });
  }
  if (isSameEntry(existing, entry)) return "unchanged";
  if (isForced) return "replaced";
  throw new Failure("usage", `${client.title} has another server ${name} in ${path}`, {
    next: "Replace it with `--force`, or give this one another name with `--name`",
  });
}

function diffOf(
  { path, info, text: before }: ClientFile,
  { text: after, format, shown }: {
    readonly text: string;
    readonly format: Format;
    readonly shown: string | undefined;
  },
): string {
  return unifiedDiff(path, {
    before: info && before,
    after,
    shownBefore: format.masked(before, undefined),
    shownAfter: format.masked(after, shown),
  });
}

/**
 * Refuses to write a possible secret to a file that git tracks or would track.
 *
 * @param next what the user can do instead.
 * @throws {Failure} of kind `usage`.
 */
export async function refuseInGit(
  context: Context,
  { path }: ServerPlace,
  next: string,
): Promise<void> {
  const { env, http, machine: { os }, signals } = context;
  const real = readClientFile(path).path;
  let { folder, name } = splitPath(real);
  while (!isFolder(folder) && splitPath(folder).name !== "") {
    const above = splitPath(folder);
    [folder, name] = [above.folder, `${above.name}/${name}`];
  }
  const answer = await isInGit(folder, name, {
    env,
    os,
    timeoutMs: http.timeoutMs,
    signal: signals.interruption(),
  });
  if (answer === false || (answer !== true && !isBelowGit(folder))) return;
  const why = answer === true ? "git tracks it, or would add it" : "git may track it";
  throw new Failure("usage", `Refusing to write a possible secret to ${real}: ${why}`, {
    next,
  });
}

/** Whether a folder is in a repository, judged by a folder `.git`. */
function isBelowGit(folder: string): boolean {
  for (let at = folder;; at = splitPath(at).folder) {
    try {
      Deno.lstatSync(`${at}/.git`);
      return true;
    } catch {
      if (splitPath(at).name === "") return false;
    }
  }
}

/** Reports the result for an entry, and the next steps. */
export function tellChange(
  context: Context,
  { client, scope, name, path: typed }: ServerPlace,
  { change, path, diff }: Changed,
  { flags, next }: { readonly flags: ClientFlags; readonly next: readonly string[] },
): void {
  const { io } = context;
  const isChange = change !== "unchanged" && change !== "absent";
  const steps = isChange ? next : [];
  if (flags.json) {
    return writeJson(context, {
      client: client.id,
      scope,
      name,
      file: path,
      change,
      dry_run: flags.dryRun === true,
      ...(flags.dryRun && { diff }),
      next: steps,
    });
  }
  if (flags.dryRun) {
    io.stdout.write(diff.split("\n").map(printable).join("\n"));
  }
  io.info(sentenceOf(change, { name, path: typed, isDry: flags.dryRun === true }));
  if (!flags.dryRun) { for (const step of steps) io.info(step); }
}

function sentenceOf(
  change: Change,
  { name, path, isDry }: { readonly name: string; readonly path: string; readonly isDry: boolean },
): string {
  const would = (done: string, plan: string) => isDry ? plan : done;
  switch (change) {
    case "added":
      return would(`Added ${name} to ${path}`, `Would add ${name} to ${path}`);
    case "replaced":
      return would(`Replaced ${name} in ${path}`, `Would replace ${name} in ${path}`);
    case "removed":
      return would(`Removed ${name} from ${path}`, `Would remove ${name} from ${path}`);
    case "unchanged":
      return `${name} is already in ${path}`;
    case "absent":
      return `There is no server ${name} in ${path}`;
  }
}

/** A server, by its name in a client. */
interface Named {
  readonly client: Client;
  readonly name: string;
  readonly machine: Machine;
}

/** Removes an entry from the file of a client, and reports the result. Throws as {@link changeEntry} does. */
export async function removeEntry(
  context: Context,
  { client, name, machine }: Named,
  flags: ClientFlags,
): Promise<void> {
  const place = await findPlace(context, { client, name, flags, machine });
  const changed = await changeEntry(context, place, undefined, flags);
  const others = client.sharedWith?.[splitPath(place.path).name];
  const shared = flags.scope === "project" && others
    ? [
      `${splitPath(place.path).name} is shared with ${
        others.join(", ")
      }: the server is removed from all of them`,
    ]
    : [];
  const next = [...shared, ...(client.before === undefined ? [] : [client.before])];
  tellChange(context, place, changed, { flags, next });
}

/** @throws {Failure} of kind `usage` when arcade does not write the files of a client. */
export function requireWritten(
  { title, id, isWritten }: Client,
  command: "configure" | "connect",
): void {
  if (isWritten) return;
  throw new Failure("usage", `arcade does not write the settings of ${title}`, {
    next: `\`arcade ${command} ${id} --print\` prints the text and the file that it belongs in`,
  });
}

/** Prints the text for a client, and where it belongs. */
export async function printEntry(
  context: Context,
  { client, name, machine, entry }: Named & { readonly entry: Mapping },
  { scope, json }: ClientFlags,
): Promise<void> {
  const text = client.isRemote ? `${entry.url}\n` : await snippetOf(client, name, entry);
  const files = pathsOf(client, scope, machine);
  const { dialog } = client;
  if (json) {
    const { id } = client;
    return writeJson(context, { client: id, scope, name, text, files, dialog: dialog ?? null });
  }
  context.io.stdout.write(text.split("\n").map(printable).join("\n"));
  const [file] = files;
  if (file !== undefined) context.io.info(`Add it to ${file}`);
  if (dialog !== undefined) context.io.info(`Add it in ${client.title}: ${dialog}`);
  context.io.info(client.reload.replace("NAME", name));
}
