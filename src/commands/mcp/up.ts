import { requestJson } from "../../api/answers.ts";
import { NetworkTime } from "../../api/network_time.ts";
import { Failure } from "../../failure.ts";
import { reachableFrom, urlHost } from "../../hosts/address.ts";
import type { Context } from "../context.ts";

const POLL_MS = 500;
const HEALTH_MS = 2000;
/** A server over stdio counts as up after it has run this long. */
const STDIO_MS = 1000;

/**
 * Waits until a server is up: until its port is open, or, over stdio, until it has run for a second.
 *
 * @param options.signal aborted when the server has ended.
 * @returns the number of its tools, if it reports it. Rejects with the reason of the signal.
 */
export async function waitUntilUp(
  context: Pick<Context, "http" | "clock">,
  { transport, host, port, signal }: {
    readonly transport: "stdio" | "http";
    readonly host: string;
    readonly port: number;
    readonly signal: AbortSignal;
  },
): Promise<{ readonly toolCount: number | undefined }> {
  if (transport === "stdio") {
    await context.clock.sleep(STDIO_MS, signal);
    return { toolCount: undefined };
  }
  const hostname = reachableFrom(host);
  while (!await isOpen(hostname, port)) await context.clock.sleep(POLL_MS, signal);
  const toolCount = await countTools(context, `http://${urlHost(hostname)}:${port}`, signal);
  signal.throwIfAborted();
  return { toolCount };
}

async function isOpen(hostname: string, port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname, port })).close();
    return true;
  } catch {
    return false;
  }
}

/** The number of tools that a server reports with its health; undefined if it does not. */
async function countTools(
  context: Pick<Context, "http" | "clock">,
  url: string,
  signal: AbortSignal,
): Promise<number | undefined> {
  try {
    const count = await requestJson(
      {
        ...context.http,
        timeoutMs: () => HEALTH_MS,
        networkTime: new NetworkTime(context.clock.elapsedMs), // shows nothing
        trace: undefined,
        signal,
      },
      { method: "GET", url: `${url}/worker/health` },
      (answer) => answer.mapping.tool_count,
    );
    return /^\d{1,6}$/.test(String(count)) ? Number(count) : undefined;
  } catch (error) {
    if (error instanceof Failure || signal.aborted) return undefined; // no worker routes
    throw error;
  }
}
