/** What makes the runtime pass over proxies, of which a Unix socket is one to it. */
const EXCLUDING = ["NO_PROXY", "no_proxy"] as const;

/** The open clients, by the path of their socket. A process uses one or two. */
const clients = new Map<string, Deno.HttpClient>();

/**
 * A client whose requests go through a Unix socket, whatever their address is. Needs the permission to read and to write the
 * socket, and that for the variables.
 */
export function socketClient(path: string): Deno.HttpClient {
  const open = clients.get(path);
  if (open) return open;
  // The runtime reads these when it makes a client. They name this machine, and its requests would go to the port then.
  const values = EXCLUDING.map((name) => [name, readable(name)] as const);
  for (const name of EXCLUDING) Deno.env.delete(name);
  try {
    const client = Deno.createHttpClient({ proxy: { transport: "unix", path } });
    clients.set(path, client);
    return client;
  } finally {
    for (const [name, value] of values) if (value !== undefined) Deno.env.set(name, value);
  }
}

/** The value of a variable; undefined also if it is not UTF-8 text, which no request uses. */
function readable(name: string): string | undefined {
  try {
    return Deno.env.get(name);
  } catch (error) {
    if (error instanceof Deno.errors.InvalidData) return undefined; // the message has the value
    throw error;
  }
}

/** Closes all clients. The end of the process does that too. */
export function closeSocketClients(): void {
  for (const client of clients.values()) client.close();
  clients.clear();
}
