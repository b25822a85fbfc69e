import type { SecretEntry } from "../../arcade/wire.ts";
import { writeTable } from "../../terminal/table.ts";
import type { Context } from "../context.ts";
import { type ServiceFlags, writeJson } from "../flags.ts";
import { secretsClient } from "./client.ts";
import { localTime } from "./local_time.ts";

/** Lists the secrets of the active project. */
export async function listSecrets(context: Context, flags: ServiceFlags): Promise<void> {
  const secrets = await (await secretsClient(context, flags, ["secrets:read"])).list();
  if (flags.json) {
    writeJson(context, { secrets: secrets.map(toJson) });
  } else if (secrets.length === 0) {
    context.stderr.write("There are no secrets yet. Store one with arcade secret set KEY\n");
  } else {
    await writeTable(
      context.stdout,
      ["Key", "Type", "Description", "Hint", "Last Accessed", "Created At"],
      secrets.map((secret) => [
        secret.key,
        secret.binding.type,
        secret.description ?? "",
        secret.hint ? `...${secret.hint}` : "-",
        secret.last_accessed_at ? localTime(secret.last_accessed_at) : "Never",
        localTime(secret.created_at),
      ]),
    );
  }
}

function toJson(secret: SecretEntry) {
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
