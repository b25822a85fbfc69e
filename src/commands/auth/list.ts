import { writeTable } from "../../terminal/table.ts";
import type { Context } from "../context.ts";
import type { ServiceFlags } from "../shared/flags.ts";
import { writeJson } from "../shared/json.ts";
import type { ProjectFlags } from "../../target/project.ts";
import { openTarget } from "../../target/target.ts";

/** Lists what users have granted in the project. */
export async function listGrants(
  context: Context,
  flags: ServiceFlags & ProjectFlags & { readonly user?: string },
): Promise<void> {
  const { engine } = await openTarget(context, flags);
  const grants = await (await engine.connections()).list(flags.user);
  if (flags.json) {
    return writeJson(context, {
      grants: grants.map(({ id, user_id, provider_id, scopes, expires_at }) => ({
        id,
        user: user_id,
        provider: provider_id,
        scopes,
        expires_at,
      })),
    });
  }
  if (grants.length === 0) return context.io.info("No grants in this project yet");
  await writeTable(
    context.io.stdout,
    [
      { heading: "ID", isWhole: true },
      { heading: "User", isWhole: true },
      { heading: "Provider" },
      {
        heading: "Scopes",
      },
    ],
    grants.map(({ id, user_id, provider_id, scopes }) => [
      id,
      user_id,
      provider_id,
      scopes.join(" ") || "-",
    ]),
  );
}
