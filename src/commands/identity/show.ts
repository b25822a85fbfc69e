import { Failure } from "../../failure.ts";
import { hubKeyOf, parseHub } from "../../hosts/hub.ts";
import { listIdentities } from "../../store/hub_identities.ts";
import { type HubIdentity, isExpired } from "../../store/hub_identity.ts";
import { identityFile } from "../../store/identity_file.ts";
import { writeLabeledLines } from "../../terminal/labeled_lines.ts";
import type { Context } from "../context.ts";
import type { JsonFlag } from "../shared/flags.ts";
import { writeJson } from "../shared/json.ts";
import type { HubFlag } from "./hub_flag.ts";
import { utcTime } from "../../store/expiry.ts";
import { describeToken, identityToJson } from "../shared/identity_fields.ts";
import { requireIdentity } from "./stored.ts";

/** Shows the identity for a hub. Reads the file only. */
export async function showIdentity(
  context: Context,
  flags: JsonFlag & Partial<HubFlag>,
): Promise<void> {
  const identity = flags.hub === undefined
    ? await chooseIdentity(context)
    : requireIdentity(context, parseHub(flags.hub));
  const expired = isExpired(identity, context.clock.now());
  if (flags.json) return writeJson(context, { ...identityToJson(identity), expired });
  const { hub, type, name, id, capabilities, expiresAt } = identity;
  const end = expiresAt && utcTime(expiresAt);
  writeLabeledLines(context.io.stdout, [
    ["Hub", hub],
    ["Type", type],
    ["Name", name ?? "-"],
    ["ID", id ?? "-"],
    ["Token", describeToken(identity)],
    ["Capabilities", capabilities.join(", ") || "-"],
    ["Expires", end ? `${end}${expired ? " (expired)" : ""}` : "-"],
  ]);
}

/** The only stored identity, or else the one for Arcade. */
async function chooseIdentity(context: Context): Promise<HubIdentity> {
  const { identities, unusable } = listIdentities(identityFile(context).path);
  const hubs = [...identities, ...unusable].map(({ hub }) => hub);
  const [only, ...others] = hubs;
  if (!only) {
    throw new Failure("login", "No identity yet", {
      next: "Store one with `arcade identity add --hub URL`",
    });
  }
  if (others.length === 0) return requireIdentity(context, only);
  const { coordinatorUrl, engineUrl } = await import("../../hosts/urls.ts");
  for (const service of [coordinatorUrl, engineUrl]) {
    const hub = hubKeyOf(new URL(service({}, context.env)));
    if (hub !== undefined && hubs.includes(hub)) return requireIdentity(context, hub);
  }
  throw new Failure("usage", "Several identities are stored", {
    next: `Choose one with \`--hub\`: ${hubs.join(", ")}`,
  });
}
