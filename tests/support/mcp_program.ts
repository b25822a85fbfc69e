/** The MCP server in tests/data/mcp_program.ts, over stdio. */

import { sleep } from "../../src/system/waiting.ts";
import { patiently } from "./patience.ts";
import { ROOT } from "./root.ts";

/** The command that starts it, with these faults. */
export function mcpProgram({ path }: McpLog, ...faults: readonly string[]): string[] {
  const program = `${ROOT}/tests/data/mcp_program.ts`;
  const deno = [Deno.execPath(), "run", "--quiet", "--no-config", "--allow-all"];
  return [...deno, program, path, ...faults];
}

/** The messages that such a server received, and its process id. */
export class McpLog implements Disposable {
  readonly path = Deno.makeTempFileSync({ prefix: "arcade-mcp-log-" });
  get lines(): string[] {
    return Deno.readTextFileSync(this.path).split("\n").slice(0, -1);
  }

  /** The process ids of the servers. */
  get pids(): string[] {
    return this.lines.flatMap((line) => /^pid (\d+)$/.exec(line)?.[1] ?? []);
  }

  /** Waits for a line. */
  async has(line: string): Promise<void> {
    const poll = async () => {
      while (!this.lines.includes(line)) await sleep(5);
    };
    await patiently(line, poll());
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path);
  }
}
