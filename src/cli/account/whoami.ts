import { readLogin } from "../../arcade/session.ts";
import { coordinatorUrl } from "../../arcade/urls.ts";
import { printable } from "../../terminal/safe_text.ts";
import { styleFor } from "../../terminal/style.ts";
import type { Context } from "../context.ts";
import { type JsonFlag, writeJson } from "../flags.ts";

/** Shows the stored login. Reads the file only. */
export function whoami(context: Context, flags: JsonFlag): void {
  const { email, coordinatorUrl: stored, context: active, expiresAt } = readLogin(context.folder);
  const coordinator = coordinatorUrl({}, {}, stored);
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
  for (const [label, value] of lines) {
    context.stdout.write(`${bold(label.padEnd(12))}  ${printable(value)}\n`);
  }
}
