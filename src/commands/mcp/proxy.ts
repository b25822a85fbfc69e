import { watchParent } from "../../system/parent.ts";
import { settlesWithin } from "../../system/waiting.ts";
import { escapedJson } from "../../terminal/safe_text.ts";
import type { Context } from "../context.ts";
import { interruptible } from "../shared/interruptible.ts";
import { AuthorizedMcpServer, mcpAddress, type McpServerFlags } from "../shared/mcp_server.ts";
import { Bridge } from "./bridge.ts";
import { linesOf } from "./json_lines.ts";

/** The limit of servers and of our own requests. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
/** How many messages can wait to be sent before reading pauses. */
const MOST_WAITING = 64;
/** How long to wait for responses after the end of the input, and how often to check for the parent in the meantime. */
const LAST_ANSWERS_MS = 60_000;
const LOOK_MS = 500;

/** Connects an MCP client on the standard streams to an HTTP server, until the client ends. */
export async function runProxy(
  originalContext: Context,
  flags: McpServerFlags,
  address: string,
): Promise<void> {
  const context = interruptible(originalContext);
  const { io: { stdin, stdout, warn }, clock, http: { signal } } = context;
  const server = await AuthorizedMcpServer.open(context, flags, {
    server: await mcpAddress(context, flags, address),
    options: { isAttended: false, step: (_name, work) => work() },
  });
  const closed = Promise.withResolvers<void>();
  const bridge = new Bridge(server, {
    toClient(line) {
      stdout.write(`${stdout.isTerminal ? escapedJson(line) : line}\n`);
      if (stdout.isClosed()) closed.resolve();
    },
    warn,
    sleep: clock.sleep,
  });
  const stopped = Promise.withResolvers<never>();
  stopped.promise.catch(() => {}); // thrown below, unless the client has ended before
  const stop = () => stopped.reject(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop);
  const parentHasEnded = watchParent();
  try {
    const finished = passAll(() => stdin.read(), bridge).then(async ({ sent }) => {
      const settled = sent.then(() => bridge.settled());
      const rounds = LAST_ANSWERS_MS / LOOK_MS;
      for (let i = 0; i < rounds && !parentHasEnded(); i++) {
        if (await settlesWithin(LOOK_MS, settled, signal)) return;
      }
    });
    await Promise.race([finished, closed.promise, stopped.promise]);
  } finally {
    signal.removeEventListener("abort", stop);
    await bridge.close();
  }
}

/** Passes on all lines of the client in order. Settles at the end of the input; `sent` when all lines were sent. */
async function passAll(
  read: () => Promise<Uint8Array | null>,
  bridge: Bridge,
): Promise<{ readonly sent: Promise<void> }> {
  let sent = Promise.resolve();
  let waiting = 0;
  for await (const line of linesOf(read, MAX_MESSAGE_BYTES)) {
    waiting++;
    sent = sent.then(async () => {
      if (line === undefined) bridge.refuse("The message is larger than 16 MiB");
      else await bridge.receive(line);
      waiting--;
    });
    if (waiting >= MOST_WAITING) await sent;
  }
  return { sent };
}
