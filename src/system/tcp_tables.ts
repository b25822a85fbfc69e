/**
 * The lines of `/proc/net/tcp` and `/proc/net/tcp6`, in which Linux tells the users of connections and listeners. Empty where they
 * cannot be read. A program reads them, because Deno keeps `/proc` from programs like this one.
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
