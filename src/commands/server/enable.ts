import { printable } from "../../terminal/safe_text.ts";
import { styleFor } from "../../terminal/style.ts";
import type { Context } from "../context.ts";
import type { ServiceFlags } from "../shared/flags.ts";
import { writeJson } from "../shared/json.ts";
import type { ProjectFlags } from "../../target/project.ts";
import { aboutServer, openServer } from "./about_server.ts";

type Flags = ServiceFlags & ProjectFlags;

/** Enables a server so that its tools can be called. */
export function enableServer(context: Context, flags: Flags, name?: string): Promise<void> {
  return setEnabled(context, flags, { name, enabled: true });
}

/** Disables a server so that its tools cannot be called. */
export function disableServer(context: Context, flags: Flags, name?: string): Promise<void> {
  return setEnabled(context, flags, { name, enabled: false });
}

async function setEnabled(
  context: Context,
  flags: Flags,
  { name: named, enabled }: { readonly name: string | undefined; readonly enabled: boolean },
): Promise<void> {
  const { engine: { servers }, name } = await openServer(context, flags, named);
  await aboutServer(servers, { name, flags }, () => servers.setEnabled(name, enabled));
  if (flags.json) return writeJson(context, { name, enabled });
  const { green } = styleFor(context.io.stderr);
  context.io.stderr.write(`${green(enabled ? "Enabled" : "Disabled")} ${printable(name)}\n`);
}
