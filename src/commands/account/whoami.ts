import { type ContextFlag, findLogin, readLogin } from "../../auth/stored_login.ts";
import { Failure } from "../../failure.ts";
import { type OAuthCredentials } from "../../store/credentials.ts";
import type { HubIdentity } from "../../store/hub_identity.ts";
import { writeLabeledLines } from "../../terminal/labeled_lines.ts";
import type { Context } from "../context.ts";
import { addressFor, type Credential, credentialFor, tokenFrom } from "../../target/decide.ts";
import { readFacts } from "../../target/facts.ts";
import {
  addressesToJson,
  describeContext,
  describeLogin,
  loginToJson,
} from "../shared/login_fields.ts";
import type { JsonFlag } from "../shared/flags.ts";
import { writeJson } from "../shared/json.ts";

/**
 * Shows the stored login, the credential that requests use instead of it, if any, and the engine that they go to. Reads files
 * only; with `--check`, it asks the server whether it accepts the credential.
 */
export async function whoami(
  context: Context,
  flags: ContextFlag & JsonFlag & { readonly check?: boolean },
): Promise<void> {
  const facts = await readFacts(context, "coordinator", flags);
  // As for a request: with a token in the environment, the engine is not the login's engine.
  const engineFacts = tokenFrom(context.env, "engine")
    ? await readFacts(context, "engine", flags)
    : facts;
  const credential = credentialFor("engine", flags, engineFacts);
  const coordinator = credentialFor("coordinator", flags, facts);
  // Without another credential, a login is required.
  const login = facts.login ??
    (credential.source === "none"
      ? await readLogin(context, flags)
      : await findLogin(context, flags));
  const engine = engineOf(credential, { flags, facts: engineFacts });
  const acceptedBy = flags.check
    ? await (await import("./check.ts")).checkCredential(context, flags, credential)
    : undefined;
  if (flags.json) {
    return writeJson(context, await toJson({ credential, coordinator, login, engine, acceptedBy }));
  }
  const own = login ? describeContext(login).filter(([label]) => label !== "Engine") : [];
  writeLabeledLines(context.io.stdout, [
    ...describeSource(credential),
    ...(login ? [...describeLogin(login), ...own] : []),
    ["Engine", engine.address ?? `unknown: ${engine.problem}`],
    ...(acceptedBy === undefined ? [] : [["Accepted by", acceptedBy] as const]),
  ]);
}

/** The engine that receives the credential, or the reason why none does. */
interface ShownEngine {
  readonly address?: string;
  readonly problem?: string;
}

function engineOf(credential: Credential, decided: Parameters<typeof addressFor>[2]): ShownEngine {
  try {
    return { address: addressFor("engine", credential, decided) };
  } catch (error) {
    if (error instanceof Failure) return { problem: error.message };
    throw error;
  }
}

function describeSource(engine: Credential): [label: string, value: string][] {
  switch (engine.source) {
    case "none":
    case "login":
      return [];
    case "identity": {
      const { type, name, id, hub } = engine.identity;
      return [["Credential", `the identity for ${hub}: ${type} ${name ?? id ?? ""}`.trimEnd()]];
    }
    default:
      return [["Credential", engine.source]];
  }
}

async function toJson(
  { credential, coordinator, login, engine, acceptedBy }: {
    readonly credential: Credential;
    readonly coordinator: Credential;
    readonly login: OAuthCredentials | undefined;
    readonly engine: ShownEngine;
    readonly acceptedBy: string | undefined;
  },
) {
  const { source } = credential;
  return {
    source,
    coordinator_source: coordinator.source === "none" ? null : coordinator.source,
    identity: source === "identity" ? await describeIdentity(credential.identity) : null,
    context: login?.contextName ?? null,
    ...addressesToJson(login),
    engine_url: engine.address ?? null,
    engine_problem: engine.problem ?? null,
    accepted_by: acceptedBy ?? null,
    ...loginToJson(login),
  };
}

async function describeIdentity(identity: HubIdentity) {
  const { identityToJson } = await import("../shared/identity_fields.ts");
  return identityToJson(identity);
}
