import { readLogin } from "../../arcade/stored_login.ts";
import { DEFAULT_COORDINATOR } from "../../arcade/urls.ts";
import { printable } from "../../terminal/safe_text.ts";
import { styleFor } from "../../terminal/style.ts";
import type { Context } from "../context.ts";
import { type JsonFlag, writeJson } from "../flags.ts";

/** Shows the stored login. Reads the file only. */
export async function whoami(context: Context, flags: JsonFlag): Promise<void> {
  const { email, coordinatorUrl, context: active, expiresAt } = await readLogin(
    context.folder(),
  );
  const coordinator = coordinatorUrl ?? DEFAULT_COORDINATOR;
  if (flags.json) {
    writeJson(context, {
      email,
      coordinator_url: coordinator,
      organization: active ? { id: active.orgId, name: active.orgName } : null,
      project: active ? { id: active.projectId, name: active.projectName } : null,
      token_expires_at: expiresAt.toISOString(),
    });
    return;
  }
  const { bold } = styleFor(context.stdout);
  const named = (name: string | undefined, id: string | undefined) =>
    name === undefined ? "none chosen" : `${name} (${id})`;
  const lines = [
    ["Logged in as", email || "(the e-mail address is not stored)"],
    ["Organization", named(active?.orgName, active?.orgId)],
    ["Project", named(active?.projectName, active?.projectId)],
    ["Coordinator", coordinator],
  ] as const;
  const shown = lines.map(([label, value]) => `${bold(label.padEnd(12))}  ${printable(value)}\n`);
  context.stdout.write(shown.join(""));
}
