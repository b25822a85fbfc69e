import { Failure } from "../../failure.ts";
import { parseHub } from "../../hosts/hub.ts";
import { findIdentity } from "../../store/hub_identities.ts";
import { moveCorruptAside, saveIdentity } from "../../store/hub_identities_changes.ts";
import { identityFile } from "../../store/identity_file.ts";
import { styleFor } from "../../terminal/style.ts";
import type { Context } from "../context.ts";
import type { JsonFlag } from "../shared/flags.ts";
import { writeJson } from "../shared/json.ts";
import { requireWholeValues, withoutNul } from "../shared/input.ts";
import type { HubFlag } from "./hub_flag.ts";
import { parseExpires } from "./expires.ts";
import { identityToJson } from "../shared/identity_fields.ts";
import { ANOTHER_WAY, readToken, type TokenFlags } from "./token_input.ts";

export interface AddFlags extends HubFlag, TokenFlags, JsonFlag {
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
  if (!flags.reset) findIdentity(file.path, hub); // fails before the prompt if the file is corrupt
  const token = await readToken(context, flags, hub);
  if (flags.reset) {
    const aside = await moveCorruptAside(file, context.clock.now());
    if (aside) context.io.info(`The old identities were unreadable; moved to ${aside}`);
  }
  const { identity, isNew } = await saveIdentity(file, hub, {
    token,
    ...(agent !== undefined && { type: agent ? "agent" : "human" }),
    ...(name !== undefined && { name }),
    ...(id !== undefined && { id }),
    ...(capabilities && { capabilities }),
    ...(expiresAt && { expiresAt }),
  });
  const { green } = styleFor(context.io.stderr);
  context.io.stderr.write(`${green(isNew ? "Added" : "Updated")} the identity for ${hub}\n`);
  await requireWholeValues(context, { areStored: true, otherwise: ANOTHER_WAY });
  if (flags.json) writeJson(context, { ...identityToJson(identity), created: isNew });
}
