import { listIdentities } from "../../store/hub_identities.ts";
import { isExpired } from "../../store/hub_identity.ts";
import { identityFile } from "../../store/identity_file.ts";
import { writeTable } from "../../terminal/table.ts";
import { relativeTime } from "../../terminal/times.ts";
import type { Context } from "../context.ts";
import type { JsonFlag } from "../shared/flags.ts";
import { writeJson } from "../shared/json.ts";
import { utcTime } from "../../store/expiry.ts";
import { describeToken, identityToJson } from "../shared/identity_fields.ts";

/** Lists all identities. Warns about invalid entries. */
export async function listAll(context: Context, flags: JsonFlag): Promise<void> {
  const { identities, unusable } = listIdentities(identityFile(context).path);
  const now = context.clock.now();
  if (flags.json) {
    writeJson(context, {
      identities: identities.map((one) => ({
        ...identityToJson(one),
        expired: isExpired(one, now),
      })),
      unusable,
    });
  } else if (identities.length > 0) {
    await writeTable(
      context.io.stdout,
      [
        { heading: "Hub", isWhole: true },
        { heading: "Type" },
        { heading: "Name" },
        { heading: "ID", isWhole: true },
        { heading: "Token" },
        { heading: "Capabilities" },
        { heading: "Expires" },
      ],
      identities.map((identity) => {
        const { hub, type, name = "", id = "", capabilities, expiresAt } = identity;
        const end = isExpired(identity, now)
          ? "expired"
          : expiresAt
          ? { long: utcTime(expiresAt), short: relativeTime(expiresAt, now) }
          : "";
        return [hub, type, name, id, describeToken(identity), capabilities.join(", "), end];
      }),
    );
  } else if (unusable.length === 0) {
    context.io.info("No identities yet. Store one with `arcade identity add --hub URL`");
  }
  for (const { hub, problem } of unusable) {
    context.io.warn(`the entry for ${hub} cannot be used: ${problem}`);
  }
}
