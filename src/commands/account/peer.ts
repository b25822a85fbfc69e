/** Whose connections reach a server on this machine. */

import { parseTcpTables, readTcpTables } from "../../system/tcp_tables.ts";

/** The ports of a connection on this machine. */
export interface Connection {
  /** The port of the client. */
  readonly from: number;
  /** The port of the server. */
  readonly to: number;
}

/**
 * Whether a connection belongs to another user of this machine, except root. False where nothing tells: for root, who may run
 * `arcade` for anybody, and on systems that are not Linux.
 */
export async function isOtherUser(connection: Connection, os: string): Promise<boolean> {
  const own = os === "linux" ? Deno.uid() : 0;
  if (own === null || own === 0) return false;
  const owners = ownersOf(connection, await readTcpTables());
  return owners.some((uid) => uid !== own && uid !== 0);
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
