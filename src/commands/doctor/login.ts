/** The login in use. */

import {
  type ContextFlag,
  findLogin,
  isDue,
  loginCommand,
  notLoggedIn,
} from "../../auth/stored_login.ts";
import type { OAuthCredentials } from "../../store/credentials.ts";
import { readFacts } from "../../target/facts.ts";
import { credentialFor, tokenFrom } from "../../target/decide.ts";
import type { Context } from "../context.ts";
import { type Finding, ok, problem, warning } from "./findings.ts";

/** The credential for requests, and when it expires. */
export async function checkLogin(context: Context, flags: ContextFlag): Promise<Finding[]> {
  const credential = credentialFor("engine", flags, await readFacts(context, "engine", flags));
  switch (credential.source) {
    case "login":
      return [describe(credential.login), tokenOf(context, credential.login)];
    case "identity": {
      const { type, name, id, hub } = credential.identity;
      const called = name ?? id ?? "";
      return [ok(`Using the identity for ${hub}: ${type} ${called}`.trimEnd(), [called, hub])];
    }
    case "none": {
      const otherwise = ", or `arcade local serve` to work without an account";
      const { message, next } = notLoggedIn(context, flags.context, otherwise);
      return [warning(message, next)];
    }
    default:
      return [ok(`Using ${credential.source}`)];
  }
}

function describe({ email, activeProject }: OAuthCredentials): Finding {
  const user = email ? `Logged in as ${email}` : "Logged in";
  const names = [email, activeProject?.projectName ?? ""].filter((name) => name !== "");
  if (activeProject) return ok(`${user}, in the project ${activeProject.projectName}`, names);
  return warning(
    `${user}, without an active project`,
    "Choose one with `arcade project set`",
    names,
  );
}

function tokenOf(context: Context, login: OAuthCredentials): Finding {
  const now = context.clock.now();
  const until = login.expiresAt.toISOString();
  if (login.refreshToken) {
    return ok(
      isDue(login, now)
        ? "The next command renews the access token"
        : `The access token is valid until ${until}, and is then renewed`,
    );
  }
  return login.expiresAt > now ? ok(`The access token is valid until ${until}`) : problem(
    `The access token expired at ${until}`,
    `Run ${loginCommand(context, login.contextName)}`,
  );
}

/** Variables that replace the login, or send requests elsewhere. */
export async function checkVariables(context: Context, flags: ContextFlag): Promise<Finding[]> {
  const { env } = context;
  const given = tokenFrom(env, "engine")?.source;
  const replaces = given && await findLogin(context, flags)
    ? [warning(`${given} is set, so commands do not use your login`, "Unset it to use the login")]
    : [];
  const leads = LEADING.flatMap(([name, what]) =>
    env[name] ? [warning(`${name} is set and ${what}`, "Unset it if you do not want that")] : []
  );
  const found = [...replaces, ...leads];
  return found.length > 0 ? found : [ok("No variable replaces your login or your project")];
}

const LEADING = [
  ["ARCADE_URL", "names the engine for ARCADE_API_KEY"],
  ["ARCADE_COORDINATOR_URL", "names the coordinator"],
  ["ARCADE_ENGINE_URL", "names the engine"],
  ["ARCADE_CONTEXT", "chooses the context"],
  ["ARCADE_ORG_ID", "chooses the organization"],
  ["ARCADE_PROJECT_ID", "chooses the project"],
  ["ARCADE_IDENTITY_FILE", "names the identity file"],
] as const;
