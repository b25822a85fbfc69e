/** The open clients, by the path of their socket. A process uses one or two. */
const clients = new Map<string, Deno.HttpClient>();

/**
 * A client whose requests go through a Unix socket, whatever their address is. Needs the permission to read and to write the
 * socket, and to change NO_PROXY.
 *
 * The runtime treats a socket as a proxy, so a client that is created while NO_PROXY names this machine, as in every command, would
 * connect to the port.
 */
export function socketClient(path: string): Deno.HttpClient {
  const open = clients.get(path);
  if (open) return open;
  const excluded = Deno.env.get("NO_PROXY");
  Deno.env.set("NO_PROXY", ""); // if it were unset, no_proxy would count
  try {
    const client = Deno.createHttpClient({ proxy: { transport: "unix", path } });
    clients.set(path, client);
    return client;
  } finally {
    if (excluded === undefined) Deno.env.delete("NO_PROXY");
    else Deno.env.set("NO_PROXY", excluded);
  }
}

/** Closes all clients. The end of the process closes them too. */
export function closeSocketClients(): void {
  for (const client of clients.values()) client.close();
  clients.clear();
}
