/**
 * git's credential-helper protocol (git-credential(1), "Input/output format"; gitcredentials(7), "Custom helpers"):
 * attributes as `key=value` lines, up to a blank line or the end. Unknown attributes and operations are ignored.
 */

import { Sensitive } from "../../sensitive.ts";
import { hubOf } from "../../hosts/hub.ts";
import {
  findIdentity,
  type HubIdentity,
  type IdentityChange,
  isToken,
  updateIdentity,
} from "../../store/hub_identities.ts";
import { identityFile } from "../../store/identity_file.ts";
import type { Context } from "../context.ts";
import { usableToken } from "../../auth/identity_token.ts";

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
  const usable = usableToken(identity, context.now());
  const username = request.get("username") || usernameOf(identity) || "arcade";
  if (usable.kind === "none" || /[\n\0]/.test(username)) return;
  const end = identity.expiresAt;
  const lines = [
    `username=${username}`,
    `password=${usable.token.reveal()}`,
    ...(end ? [`password_expiry_utc=${Math.floor(end.getTime() / 1000)}`] : []),
  ];
  context.stdout.write(lines.map((line) => `${line}\n`).join(""));
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

/** The hub of a request; undefined if a token may not be sent there. */
function requestedHub(request: Attributes): string | undefined {
  const protocol = request.get("protocol");
  if (protocol !== "https" && protocol !== "http") return undefined;
  const host = request.get("host") ?? "";
  // git sends a host with an optional port; anything more could be parsed as another host.
  return /[/?#@%]/.test(host) ? undefined : hubOf(`${protocol}://${host}`);
}

/** Far more than git ever sends. */
const MAX_CHARACTERS = 1024 * 1024;

async function readAttributes(context: Context): Promise<Attributes> {
  const decoder = new TextDecoder();
  let text = "";
  while (!/^\r?\n|\n\r?\n/.test(text) && text.length < MAX_CHARACTERS) {
    const chunk = await context.stdin.read();
    if (chunk === null) break;
    text += decoder.decode(chunk, { stream: true });
  }
  const lines = text.split(/\r?\n/); // as git splits them
  const end = lines.indexOf("");
  return new Map(
    lines.slice(0, end === -1 ? lines.length : end).flatMap((line) => {
      const [, key, value] = /^([^=]+)=(.*)$/s.exec(line) ?? [];
      return key === undefined || value === undefined ? [] : [[key, value] as const];
    }),
  );
}
