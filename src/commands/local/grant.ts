import { UserConnectionsClient } from "../../api/user_connections.ts";
import { isProvider, isScope, isUser } from "../../contract/grants.ts";
import { Failure } from "../../failure.ts";
import { printable } from "../../terminal/safe_text.ts";
import { styleFor } from "../../terminal/style.ts";
import type { Context } from "../context.ts";
import {
  type IfNotExistsFlag,
  type IgnoreMissingFlag,
  tellExisting,
  tellMissing,
} from "../shared/existing.ts";
import type { JsonFlag } from "../shared/flags.ts";
import { writeJson } from "../shared/json.ts";
import { parseDuration } from "../shared/times.ts";
import { openLocalArcade } from "../shared/open_local.ts";

interface GrantFlags extends JsonFlag {
  readonly scope?: readonly string[];
  readonly port?: number;
}

/** Creates a grant in the local Arcade, as a user does on its page. */
export async function grant(
  context: Context,
  flags: GrantFlags & IfNotExistsFlag & { readonly expires?: string },
  user: string,
  provider: string,
): Promise<void> {
  requireNames({ user, provider, scopes: flags.scope });
  const expires_in = secondsOf(flags.expires);
  const connections = await openConnections(context, flags.port);
  const found = flags.ifNotExists ? await connections.find(user, provider) : undefined;
  if (found && (flags.scope ?? []).every((scope) => found.scopes.includes(scope))) {
    tellExisting(context, printable(`the ${found.provider_id} grant of ${user}`));
    return flags.json ? writeJson(context, { ...found, existing: [found.id] }) : undefined;
  }
  const granted = await connections.grant({
    user_id: user,
    provider_id: provider,
    scopes: flags.scope,
    expires_in,
  });
  if (flags.json) return writeJson(context, { ...granted, existing: [] });
  const { green } = styleFor(context.io.stderr);
  const scopes = granted.scopes.length === 0 ? "no scopes" : granted.scopes.join(" ");
  context.io.stderr.write(
    `${green("Granted")} ${
      printable(`${granted.provider_id} for ${granted.user_id}: ${scopes}`)
    }\n`,
  );
}

/** Revokes a user's grant in the local Arcade. */
export async function revoke(
  context: Context,
  flags: GrantFlags & IgnoreMissingFlag,
  user: string,
  provider: string,
): Promise<void> {
  requireNames({ user, provider, scopes: flags.scope });
  const connections = await openConnections(context, flags.port);
  const found = await connections.find(user, provider);
  const wanted = flags.scope ?? found?.scopes ?? [];
  const missing = wanted.filter((scope) => !found?.scopes.includes(scope));
  const isMissing = found === undefined || missing.length > 0;
  if (isMissing && !flags.ignoreMissing) {
    const [first] = missing;
    const what = first === undefined ? "granted nothing" : `not granted ${first}`;
    throw new Failure("not-found", printable(`${user} has ${what} at ${provider}`), {
      next: "See the dashboard for what is granted",
    });
  }
  for (const what of found ? missing : [provider]) {
    tellMissing(context, printable(`${what} grant of ${user}`));
  }
  const scopes = wanted.filter((scope) => !missing.includes(scope));
  const isRevoked = found !== undefined && (flags.scope === undefined || scopes.length > 0);
  // Without scopes, the whole grant is revoked.
  if (isRevoked) await connections.revoke(found.id, flags.scope === undefined ? [] : scopes);
  if (flags.json) {
    return writeJson(context, {
      user_id: user,
      provider_id: found?.provider_id ?? provider,
      revoked: scopes,
      missing: found ? missing : flags.scope ?? [provider],
    });
  }
  if (!isRevoked) return;
  const { green } = styleFor(context.io.stderr);
  context.io.stderr.write(
    `${green("Revoked")} ${printable(`${found.provider_id} for ${user}: ${scopes.join(" ")}`)}\n`,
  );
}

/** The connections in the default project of the running local Arcade. */
async function openConnections(
  context: Context,
  port: number | undefined,
): Promise<UserConnectionsClient> {
  const { address, client } = await openLocalArcade(context, port);
  return new UserConnectionsClient(client, `${address}/v1/admin/user_connections`);
}

/** @throws {Failure} of kind `usage`. */
function requireNames(
  { user, provider, scopes = [] }: {
    readonly user: string;
    readonly provider: string;
    readonly scopes: readonly string[] | undefined;
  },
): void {
  if (!isUser(user)) {
    throw invalid("user", "Name the user as programs do, usually by e-mail address");
  }
  if (!isProvider(provider)) throw invalid("provider", "Name it as the tools do, such as github");
  if (!scopes.every(isScope)) throw invalid("scope", "Repeat `--scope` for each scope");
}

function invalid(what: string, next: string): Failure {
  return new Failure("usage", `This is not a ${what}`, { next });
}

/** @throws {Failure} of kind `usage`. */
function secondsOf(written: string | undefined): number | undefined {
  if (written === undefined) return undefined;
  const milliseconds = parseDuration(written) ?? NaN;
  if (milliseconds >= 1000 && milliseconds <= MAX_MS) return milliseconds / 1000;
  throw new Failure("usage", "`--expires`: expected a duration of at most 366 days", {
    next: "Write it like 60s, 15m, 2h or 1d12h",
  });
}

const MAX_MS = 366 * 24 * 60 * 60 * 1000;
