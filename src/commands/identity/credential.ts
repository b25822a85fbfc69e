/**
 * git's credential-helper protocol (git-credential(1), "Input/output format"; gitcredentials(7), "Custom helpers"):
 * attributes as `key=value` lines, up to a blank line or the end. Unknown attributes and operations are ignored.
 */

import { Failure } from "../../failure.ts";
import { Sensitive } from "../../secrecy/sensitive.ts";
import { hubOf } from "../../hosts/hub.ts";
import { findIdentity } from "../../store/hub_identities.ts";
import { type IdentityChange, updateIdentity } from "../../store/hub_identities_changes.ts";
import { type HubIdentity, isToken } from "../../store/hub_identity.ts";
import { identityFile } from "../../store/identity_file.ts";
import type { Context } from "../context.ts";
import { usableToken } from "../../auth/identity_token.ts";
import { decodeText } from "../shared/input.ts";
import { readBounded } from "../../system/read_bounded.ts";

type Attributes = ReadonlyMap<string, string>;

/** Answers one request from git, or from another program that uses credential helpers. */
export async function speakToGit(
  context: Context,
  _flags: unknown,
  operation: string,
): Promise<void> {
  if (operation !== "get" && operation !== "store" && operation !== "erase") return;
  const request = await readAttributes(context);
  const hub = requestedHub(request);
  if (hub === undefined) return;
  switch (operation) {
    case "get":
      return get(context, hub, request);
    case "store":
      return await updateIdentity(
        identityFile(context),
        hub,
        (current) => toStore(current, request),
      );
    case "erase":
      return await updateIdentity(
        identityFile(context),
        hub,
        (current) => toErase(current, request),
        { isRemoval: true },
      );
  }
}

function get(context: Context, hub: string, request: Attributes): void {
  const identity = findIdentity(identityFile(context).path, hub);
  if (!identity || !matchesRequest(identity, request)) return;
  const usable = usableToken(identity, context.clock.now());
  const username = request.get("username") || usernameOf(identity) || "arcade";
  if (usable.kind === "none" || /[\r\n\0]/.test(username)) return;
  const end = identity.expiresAt;
  const lines = [
    `username=${username}`,
    `password=${usable.token.reveal()}`,
    ...(end ? [`password_expiry_utc=${Math.floor(end.getTime() / 1000)}`] : []),
  ];
  context.io.stdout.write(lines.map((line) => `${line}\n`).join(""));
}

/** git also stores credentials that it got from this helper, so an unchanged token is ignored. */
function toStore(identity: HubIdentity, request: Attributes): IdentityChange | undefined {
  const password = request.get("password") ?? "";
  const isKnown = identity.token?.reveal() === password;
  if (!matchesRequest(identity, request) || isKnown || !isToken(password)) return undefined;
  const expiry = request.get("password_expiry_utc") ?? "";
  return {
    token: new Sensitive(password),
    ...(/^\d{1,11}$/.test(expiry) && { expiresAt: new Date(Number(expiry) * 1000) }),
  };
}

/** Ignores `erase` for a password other than the stored one. */
function toErase(identity: HubIdentity, request: Attributes): IdentityChange | undefined {
  const password = request.get("password");
  const matchesPassword = password === undefined || password === identity.token?.reveal();
  return matchesRequest(identity, request) && matchesPassword
    ? { token: new Sensitive("") }
    : undefined;
}

/** Whether a request matches the user of this identity. A request without a user matches. */
function matchesRequest(identity: HubIdentity, request: Attributes): boolean {
  const username = request.get("username");
  const own = usernameOf(identity);
  return !username || !own || username === own;
}

function usernameOf({ id, name }: HubIdentity): string | undefined {
  return id ?? name;
}

/** The hub of a request; undefined if a token must not be sent there. */
function requestedHub(request: Attributes): string | undefined {
  const protocol = request.get("protocol");
  if (protocol !== "https" && protocol !== "http") return undefined;
  const host = request.get("host") ?? "";
  // git sends a host with an optional port; anything more could be parsed as another host.
  return /[/?#@%]/.test(host) ? undefined : hubOf(`${protocol}://${host}`);
}

/** The attributes that are used. Others, such as `path`, may have any bytes. */
const USED = ["protocol", "host", "username", "password", "password_expiry_utc"];
/** Far more than git ever sends. */
const MAX_BYTES = 1024 * 1024;

/**
 * The used attributes of a request. Lines end with LF or CRLF, as git reads them (credential.c).
 *
 * @throws {Failure} of kind `usage` when it is too long, or one of them is not UTF-8.
 */
async function readAttributes(context: Context): Promise<Attributes> {
  const lines = (await readRequest(context)).split(/\r?\n/);
  const end = lines.indexOf("");
  return new Map(
    lines.slice(0, end === -1 ? lines.length : end).flatMap((line) => {
      const equals = line.indexOf("=");
      const key = line.slice(0, Math.max(0, equals));
      if (!USED.includes(key)) return [];
      const bytes = Uint8Array.from(line.slice(equals + 1), (byte) => byte.charCodeAt(0));
      const value = decodeText(bytes, {
        what: `The ${key} that git sent`,
        next: "Nothing was changed; set the terminal to UTF-8",
        keepsMark: true,
      });
      return [[key, value] as const];
    }),
  );
}

/** A request up to a blank line or the end of input, with a character for each byte. */
async function readRequest({ io: { stdin } }: Context): Promise<string> {
  let isComplete = false;
  /** The end of what came before: a blank line may be split between chunks. */
  let last = "\n";
  const read = async () => {
    const chunk = isComplete ? null : await stdin.read();
    const text = last + charactersOf(chunk ?? []);
    isComplete = /\n\r?\n/.test(text);
    last = text.slice(-2);
    return chunk;
  };
  const tooLarge = () =>
    new Failure("usage", "The request of git is larger than 1 MiB", {
      next: "Nothing was changed; check what sends it",
    });
  return charactersOf(await readBounded(read, { maxBytes: MAX_BYTES, tooLarge }));
}

function charactersOf(bytes: Iterable<number>): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
