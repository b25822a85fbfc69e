/**
 * `credentials-pending.json`: logins with a code that the user has not approved yet (docs/contracts.md, Files). Whoever has
 * the device code and the verifier of one gets its tokens, so the file is as private as the credentials.
 */

import { Fields, InvalidField, isMapping, parseJson } from "../contract/fields.ts";
import { Failure } from "../failure.ts";
import { mayExist, readPrivateFile } from "../files/private_file.ts";
import { removePrivateFile, writePrivateFile } from "../files/private_file_changes.ts";
import { isWebAddress, serviceAddress } from "../hosts/urls.ts";
import { Sensitive } from "../secrecy/sensitive.ts";
import { pathIn } from "../system/paths.ts";
import { shellWord } from "../text/shell_word.ts";
import { type CredentialsPlace, withCredentialsLock } from "./credentials_changes.ts";

/** A pending login. Addresses of services have no final slash. */
export interface PendingLogin {
  readonly contextName: string;
  readonly coordinator: string;
  /** The services that the installation named; undefined if it was not asked. */
  readonly found: { readonly engine?: string; readonly dashboard?: string } | undefined;
  /** Whether the coordinator is a local Arcade that proved its identity. */
  readonly isProven: boolean;
  /** The origin of the server that issued the code. The code is sent only to this server. */
  readonly authorizationServer: string;
  /** The page on which the user approves it. */
  readonly url: string;
  readonly userCode: string;
  readonly deviceCode: Sensitive;
  readonly codeVerifier: Sensitive;
  readonly intervalSeconds: number;
  readonly expiresAt: Date;
}

/**
 * The pending logins.
 *
 * @throws {Failure} of kind `file` when the file cannot be read or is corrupt. The message does not quote the file.
 */
export function readPendingLogins(folder: string): PendingLogin[] {
  const path = pendingLoginsPath(folder);
  const text = mayExist(path) ? readPrivateFile(path) : undefined;
  if (text === undefined) return [];
  try {
    const content = parseJson(text);
    return new Fields(isMapping(content) ? content : {}).requiredList("logins").map(read);
  } catch (error) {
    const isWrong = error instanceof InvalidField ||
      error instanceof Failure && error.kind === "usage";
    if (!isWrong) throw error;
    throw new Failure("file", `${path} is corrupt`, {
      next: `Remove it with \`rm ${
        shellWord(path)
      }\`, then start again with \`arcade login --no-wait\``,
    });
  }
}

/**
 * Adds a login, replaces one for the same context, and removes expired ones.
 *
 * @throws {Failure} of kind `file`.
 */
export async function addPendingLogin(
  place: CredentialsPlace,
  login: PendingLogin,
  now: Date,
): Promise<void> {
  await withCredentialsLock(place, () => {
    const others = readPendingLogins(place.folder()).filter((one) =>
      one.contextName !== login.contextName && one.expiresAt > now
    );
    write(place.folder(), [...others, login]);
  });
}

/** Removes all logins that `keep` rejects. The caller holds the credentials lock. Throws as {@link readPendingLogins}. */
export function keepPendingLogins(
  folder: string,
  isKept: (login: PendingLogin) => boolean,
): void {
  const before = readPendingLogins(folder);
  const after = before.filter(isKept);
  if (after.length < before.length) write(folder, after);
}

function write(folder: string, logins: readonly PendingLogin[]): void {
  if (logins.length === 0) return removePrivateFile(pendingLoginsPath(folder));
  const content = { logins: logins.map(toJson) };
  writePrivateFile(pendingLoginsPath(folder), `${JSON.stringify(content, null, 2)}\n`);
}

function toJson(login: PendingLogin) {
  return {
    context: login.contextName,
    coordinator_url: login.coordinator,
    ...login.found && {
      found: { engine_url: login.found.engine, dashboard_url: login.found.dashboard },
    },
    proven: login.isProven,
    authorization_server: login.authorizationServer,
    url: login.url,
    user_code: login.userCode,
    device_code: login.deviceCode.reveal(),
    code_verifier: login.codeVerifier.reveal(),
    interval_seconds: login.intervalSeconds,
    expires_at: login.expiresAt.toISOString(),
  };
}

/** Throws {@link InvalidField}, or a {@link Failure} of kind `usage` for an address that cannot be used. */
function read(fields: Fields): PendingLogin {
  const address = (from: Fields, key: string) => {
    const written = from.text(key);
    return written === undefined ? undefined : serviceAddress(written, key);
  };
  const found = fields.fields("found");
  const engine = found && address(found, "engine_url");
  const dashboard = found && address(found, "dashboard_url");
  const url = fields.id("url");
  const expiresAt = new Date(fields.requiredText("expires_at"));
  if (!isWebAddress(url)) throw new InvalidField(fields.pathOf("url"));
  if (Number.isNaN(expiresAt.getTime())) throw new InvalidField(fields.pathOf("expires_at"));
  return {
    contextName: fields.id("context"),
    coordinator: serviceAddress(fields.id("coordinator_url"), "coordinator_url"),
    found: found &&
      { ...engine !== undefined && { engine }, ...dashboard !== undefined && { dashboard } },
    isProven: fields.flag("proven"),
    authorizationServer: serviceAddress(fields.id("authorization_server"), "authorization_server"),
    url,
    userCode: fields.id("user_code"),
    deviceCode: new Sensitive(fields.id("device_code")),
    codeVerifier: new Sensitive(fields.id("code_verifier")),
    intervalSeconds: fields.requiredInteger("interval_seconds"),
    expiresAt,
  };
}

/** The file of the pending logins. */
export function pendingLoginsPath(folder: string): string {
  return pathIn(folder, "credentials-pending.json");
}
