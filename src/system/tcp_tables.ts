/** A connection or a listener of this machine, as Linux reports it. */
export interface TcpEntry {
  readonly local: TcpAddress;
  readonly remote: TcpAddress;
  readonly isListener: boolean;
  /** The id of its user. */
  readonly uid: number;
}

interface TcpAddress {
  /** In hexadecimal, as Linux writes it. */
  readonly host: string;
  readonly port: number;
}

/**
 * The lines of `/proc/net/tcp` and `/proc/net/tcp6`, in which Linux lists the users of connections and listeners. Empty if they
 * cannot be read. A program reads them, because Deno does not let this process read `/proc`.
 */
export async function readTcpTables(): Promise<string> {
  try {
    const { stdout } = await new Deno.Command("/bin/cat", {
      args: ["/proc/net/tcp", "/proc/net/tcp6"],
      clearEnv: true,
      stdin: "null",
      stderr: "null",
    }).output();
    return new TextDecoder().decode(stdout);
  } catch {
    return "";
  }
}

const LISTENING = "0A";

/** The entries of the lines that {@link readTcpTables} returns. */
export function parseTcpTables(tables: string): TcpEntry[] {
  return tables.split("\n").flatMap((line) => {
    const [, local = "", remote = "", state, , , , uid = ""] = line.trim().split(/\s+/);
    return /^\d+$/.test(uid)
      ? [{
        local: addressOf(local),
        remote: addressOf(remote),
        isListener: state === LISTENING,
        uid: Number(uid),
      }]
      : []; // a heading
  });
}

/** An address such as `0100007F:26B1`. */
function addressOf(written: string): TcpAddress {
  const [host = "", port = ""] = written.split(":");
  return { host, port: parseInt(port, 16) };
}
