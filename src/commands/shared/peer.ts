/** Whose connections a server on this machine receives. */

import { parseTcpTables, readTcpTables } from "../../system/tcp_tables.ts";

/** The ports of a connection on this machine. */
export interface Connection {
  /** The port of the client. */
  readonly from: number;
  /** The port of the server. */
  readonly to: number;
}

export interface SudoEnvironment {
  /** The user who ran sudo. */
  readonly SUDO_UID?: string | undefined;
}

/**
 * Whether a connection belongs to another user of this machine, except root, and the user for whom sudo runs this process.
 * False if it cannot be determined: on systems other than Linux.
 */
export async function isOtherUser(
  connection: Connection,
  { env, os }: { readonly env: SudoEnvironment; readonly os: string },
): Promise<boolean> {
  const own = os === "linux" ? Deno.uid() : null;
  if (own === null) return false;
  const allowed = [0, own, own === 0 && env.SUDO_UID ? Number(env.SUDO_UID) : own];
  const owners = ownersOf(connection, await readTcpTables());
  return owners.some((uid) => !allowed.includes(uid));
}

/**
 * The user ids of the client in the tables of Linux. More than one if connections between other addresses have the same ports.
 *
 * @param tables the lines of `/proc/net/tcp` and `/proc/net/tcp6`.
 */
export function ownersOf({ from, to }: Connection, tables: string): number[] {
  return parseTcpTables(tables)
    .filter(({ local, remote }) => local.port === from && remote.port === to)
    .map(({ uid }) => uid);
}
