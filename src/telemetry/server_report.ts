/** The report of an MCP server that `arcade mcp` started. */

import type { TelemetryContext } from "./context.ts";
import { deviceProperties, MCP_SERVER_STARTED } from "./event.ts";
import { readUse } from "./notice.ts";
import { report } from "./report.ts";

/** An MCP server that has started. */
export interface StartedServer {
  readonly transport: "http" | "stdio";
  /** The address it listens at; undefined for a transport without one. */
  readonly address: { readonly host: string; readonly port: number } | undefined;
  /** Undefined if the server does not report it. */
  readonly toolCount: number | undefined;
  /** What runs the server's tools, such as `python` or `typescript`. */
  readonly runtime: string;
}

/** Reports that an MCP server has started. Called by commands that start one. */
export function reportMcpServerStarted(
  context: TelemetryContext,
  { transport, address, toolCount, runtime }: StartedServer,
): Promise<void> {
  return report(context, readUse(context), (device) => ({
    name: MCP_SERVER_STARTED,
    properties: {
      transport,
      ...(address && { host: address.host, port: address.port }),
      ...(toolCount !== undefined && { tool_count: toolCount }),
      runtime,
      ...deviceProperties(device),
      device_timestamp: device.uptimeAtStart + context.clock.elapsedMs() / 1000,
    },
  }));
}
