import type { Client } from "../../clients/clients.ts";
import { type ClientServer, entryOf } from "../../clients/entry.ts";
import { isAcross } from "../../clients/places.ts";
import type { Mapping } from "../../contract/fields.ts";
import { Failure } from "../../failure.ts";
import { isLoopback } from "../../hosts/address.ts";
import { splitPath } from "../../system/paths.ts";
import type { Context } from "../context.ts";
import {
  changeEntry,
  type ClientFlags,
  clientMachine,
  findPlace,
  printEntry,
  refuseInGit,
  removeEntry,
  requireClient,
  requireServerName,
  requireWritten,
  tellChange,
} from "../shared/client_files.ts";
import { findServer, type ServerFlags, startLine } from "./server.ts";

interface ConfigureFlags extends ClientFlags, ServerFlags {
  readonly print?: boolean;
  readonly remove?: boolean;
  readonly list?: boolean;
}

/** Adds the server of the project in the working directory to a client, or removes it, or lists the clients. */
export async function configure(
  context: Context,
  flags: ConfigureFlags,
  word?: string,
  ...command: string[]
): Promise<void> {
  if (flags.list) {
    if (word !== undefined) {
      throw new Failure("usage", "`--list` shows all clients", { next: "Leave out the client" });
    }
    return await (await import("./list.ts")).listClients(context, flags);
  }
  const client = await requireClient(context, word);
  const name = requireServerName(client, flags, splitPath(context.files.cwd()).name);
  const machine = await clientMachine(context);
  if (!flags.print) requireWritten(client, "configure");
  if (flags.remove) return await removeEntry(context, { client, name, machine }, flags);
  requireSecrets(flags);
  const server = await findServer(context, flags, {
    command,
    isAcross: isAcross(client, flags.scope, machine),
  });
  const entry = requireEntry(client, name, server);
  if (flags.print) return await printEntry(context, { client, name, machine, entry }, flags);
  const place = await findPlace(context, { client, name, flags, machine });
  const isInline = server.kind === "stdio" && Object.keys(server.env).length > 0;
  if (isInline) {
    const next = "Leave out `--inline-secrets`: the server then reads .env itself";
    await refuseInGit(context, place, next);
  }
  if (server.kind === "http" && /[?#]./.test(server.url)) {
    await refuseInGit(context, place, "Leave out what follows the ? or # in `--url`");
  }
  const changed = await changeEntry(context, place, entry, flags);
  const start = server.kind === "http" && flags.url === undefined
    ? [`Start the server with \`${await startLine(context, flags, command)}\``]
    : [];
  const next = [...start, ...nextSteps(client, { name, server, flags })];
  tellChange(context, place, changed, { flags, next });
  if (isInline && !flags.dryRun && changed.change !== "unchanged") {
    context.io.warn(
      `The values of .env are now in ${changed.path}, readable by everyone who can read that file`,
    );
  }
}

function requireSecrets({ inlineSecrets, transport, url }: ConfigureFlags): void {
  if (!inlineSecrets || (transport === "stdio" && url === undefined)) return;
  throw new Failure("usage", "`--inline-secrets` is for servers that the client starts", {
    next: "Leave out `--transport http`, or `--inline-secrets`",
  });
}

/** @throws {Failure} of kind `usage` when the client does not reach the server. */
function requireEntry(client: Client, name: string, server: ClientServer): Mapping {
  const { title, isRemote } = client;
  const url = server.kind === "http" ? URL.parse(server.url) : null;
  if (isRemote && (url === null || url.protocol !== "https:" || isLoopback(url.hostname))) {
    throw new Failure("usage", `${title} can only reach servers with a public https address`, {
      next: "Deploy the server with `arcade deploy`, or give its address with `--url`",
    });
  }
  const entry = entryOf(client, name, server);
  if (entry !== undefined) return entry;
  throw new Failure("usage", `${title} does not read HTTP servers from its file`, {
    next: "Leave out `--transport http` and `--url`",
  });
}

/** What the user does after a change. */
function nextSteps(
  { before, reload, approval }: Client,
  { name, server, flags }: {
    readonly name: string;
    readonly server: ClientServer;
    readonly flags: ConfigureFlags;
  },
): string[] {
  const isOfProject = flags.scope === "project";
  return [
    ...(before === undefined ? [] : [before]),
    ...(server.kind === "stdio" && isOfProject
      ? ["The entry contains paths on this machine; do not share the file"]
      : []),
    reload.replace("NAME", name),
    ...(isOfProject && approval !== undefined ? [approval] : []),
  ];
}
