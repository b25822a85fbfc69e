import { Failure } from "../../failure.ts";
import { parseHub } from "../../hosts/hub.ts";
import type { HubIdentity } from "../../store/hub_identity.ts";
import { findIdentity } from "../../store/hub_identities.ts";
import { moveCorruptAside, saveIdentity } from "../../store/hub_identities_changes.ts";
import { identityFile } from "../../store/identity_file.ts";
import { styleFor } from "../../terminal/style.ts";
import type { Context } from "../context.ts";
import { type IfNotExistsFlag, tellExisting } from "../shared/existing.ts";
import type { JsonFlag } from "../shared/flags.ts";
import { writeJson } from "../shared/json.ts";
import { requireWholeValues, withoutNul } from "../shared/input.ts";
import type { HubFlag } from "./hub_flag.ts";
import { parseExpires } from "./expires.ts";
import { identityToJson } from "../shared/identity_fields.ts";
import { ANOTHER_WAY, readToken, type TokenFlags } from "./token_input.ts";

export interface AddFlags extends HubFlag, TokenFlags, JsonFlag, IfNotExistsFlag {
  readonly name?: string;
  readonly id?: string;
  readonly agent?: boolean;
  readonly capability?: readonly string[];
  readonly expires?: string;
  readonly reset?: boolean;
}

/** Adds or updates the identity for a hub. */
export async function addIdentity(context: Context, flags: AddFlags): Promise<void> {
  const hub = parseHub(flags.hub);
  const file = identityFile(context);
  const { name, id, agent, capability: capabilities, expires } = flags;
  if (capabilities?.includes("")) {
    throw new Failure("usage", "A capability is empty", {
      next: "Write it like `read:*` or `commit`",
    });
  }
  if (name !== undefined) withoutNul(name, "The name");
  if (id !== undefined) withoutNul(id, "The id");
  for (const one of capabilities ?? []) withoutNul(one, "A capability");
  const expiresAt = expires === undefined ? undefined : parseExpires(expires, context.clock.now());
  // Fails before the prompt if the file is corrupt.
  const before = flags.reset ? undefined : findIdentity(file.path, hub);
  if (before && flags.ifNotExists) return report(context, flags, before);
  const token = await readToken(context, flags, hub);
  if (flags.reset) {
    const aside = await moveCorruptAside(file, context.clock.now());
    if (aside) context.io.info(`The old identities were unreadable and moved to ${aside}`);
  }
  const { identity, isNew, isKept } = await saveIdentity(file, hub, {
    token,
    ...(agent !== undefined && { type: agent ? "agent" : "human" }),
    ...(name !== undefined && { name }),
    ...(id !== undefined && { id }),
    ...(capabilities && { capabilities }),
    ...(expiresAt && { expiresAt }),
  }, { keepsExisting: flags.ifNotExists === true });
  if (isKept) return report(context, flags, identity);
  const { green } = styleFor(context.io.stderr);
  context.io.stderr.write(`${green(isNew ? "Added" : "Updated")} the identity for ${hub}\n`);
  await requireWholeValues(context, { areStored: true, otherwise: ANOTHER_WAY });
  if (flags.json) writeJson(context, { ...identityToJson(identity), created: isNew, existing: [] });
}

/** Reports an identity that is left unchanged. */
function report(context: Context, { json }: JsonFlag, identity: HubIdentity): void {
  const { hub } = identity;
  tellExisting(context, `the identity for ${hub}`);
  if (json) writeJson(context, { ...identityToJson(identity), created: false, existing: [hub] });
}
