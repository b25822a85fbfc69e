/** Servers that stop unexpectedly. */

import { Failure } from "../failure.ts";

/** A server of the runtime. */
export interface Opened {
  readonly finished: Promise<void>;
  shutdown(): Promise<void>;
  /** Drops its connections. */
  abort(): void;
}

/** Reopens a server whenever it stops unexpectedly, until it is shut down. */
export function keepOpen(
  first: Opened,
  reopen: () => Opened,
  { where, connect }: { readonly where: string; readonly connect: () => Promise<Deno.Conn> },
): Pick<Opened, "finished" | "shutdown"> {
  let server = first;
  let isClosing = false;
  const serve = async () => {
    while (true) {
      const broken = await server.finished.then(() => undefined, (error) => error);
      if (isClosing) return;
      try {
        server = reopen();
      } catch {
        throw new Failure("port", `The server at ${where} stopped unexpectedly`, {
          next: "Restart it",
          cause: broken,
        });
      }
    }
  };
  const watch = watchOver(connect, () => server.abort());
  return {
    finished: serve().finally(watch.end),
    async shutdown() {
      isClosing = true;
      await Promise.all([watch.end(), server.shutdown()]);
    },
  };
}

const WATCH_MS = 1000;

/**
 * Connects to a server periodically, and calls `onDown` when that fails. Without a free file descriptor the runtime stops
 * listening, but reports it only after all connections have ended.
 */
function watchOver(
  connect: () => Promise<Deno.Conn>,
  onDown: () => void,
): { end: () => Promise<void> } {
  let isEnded = false;
  let checking: Promise<void> | undefined;
  const check = async () => {
    try {
      (await connect()).close();
    } catch (error) {
      // Other errors concern only this connection, for example an unreachable address.
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      if (!isEnded && (code === "ECONNREFUSED" || code === "EMFILE")) onDown();
    }
    checking = undefined;
  };
  const timer = setInterval(() => checking ??= check(), WATCH_MS);
  return {
    async end() {
      isEnded = true;
      clearInterval(timer);
      await checking;
    },
  };
}
