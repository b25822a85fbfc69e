import type { SecretResponse } from "../../contract/secrets.ts";
import { writeTable } from "../../terminal/table.ts";
import { timeCell } from "../../terminal/times.ts";
import type { Context } from "../context.ts";
import type { ServiceFlags } from "../shared/flags.ts";
import { writeJson } from "../shared/json.ts";
import { sameProject } from "../shared/same_project.ts";
import { openTarget } from "../../target/target.ts";

/** Lists the secrets of the active project. */
export async function listSecrets(context: Context, flags: ServiceFlags): Promise<void> {
  const { engine } = await openTarget(context, flags);
  const secrets = await engine.secrets.list();
  if (flags.json) {
    writeJson(context, { secrets: secrets.map(toJson) });
  } else if (secrets.length === 0) {
    context.io.info(
      `No secrets yet. Store one with \`arcade secret set KEY${sameProject(flags)}\``,
    );
  } else {
    const now = context.clock.now();
    await writeTable(
      context.io.stdout,
      [
        { heading: "Key", isWhole: true },
        { heading: "Type" },
        { heading: "Description" },
        { heading: "Hint" },
        { heading: "Last Accessed" },
        { heading: "Created At" },
      ],
      secrets.map((secret) => [
        secret.key,
        secret.binding.type,
        secret.description ?? "",
        secret.hint ? `...${secret.hint}` : "-",
        secret.last_accessed_at ? timeCell(secret.last_accessed_at, now) : "Never",
        timeCell(secret.created_at, now),
      ]),
    );
  }
}

function toJson(secret: SecretResponse) {
  return {
    id: secret.id,
    key: secret.key,
    type: secret.binding.type,
    description: secret.description ?? null,
    hint: secret.hint ?? null,
    last_accessed_at: secret.last_accessed_at ?? null,
    created_at: secret.created_at,
  };
}
