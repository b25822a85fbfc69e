import { Failure } from "../../failure.ts";
import type { Context } from "../context.ts";
import type { ServiceFlags } from "../shared/flags.ts";
import type { ProjectFlags } from "../../target/project.ts";

export interface ShowFlags extends ServiceFlags, ProjectFlags {
  readonly server?: string;
  readonly tool?: string;
  readonly full?: boolean;
  readonly local?: boolean;
}

/** `tool list` and `tool get`, as the Python CLI spells them. */
export async function showTools(context: Context, flags: ShowFlags): Promise<void> {
  if (flags.local) {
    throw new Failure("usage", "`--local` would list the tools of a Python environment", {
      next: "Use the Python CLI's `arcade-mcp show --local`, " +
        "or leave out `--local` for the engine's tools",
    });
  }
  if (flags.tool !== undefined) {
    return (await import("./get.ts")).getTool(context, flags, flags.tool);
  }
  if (flags.full) {
    throw new Failure("usage", "`--full` needs `--tool`", {
      next: "Use `--json` to see everything in a list",
    });
  }
  return (await import("./list.ts")).listTools(context, flags);
}
