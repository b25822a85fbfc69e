/** Logins with a code in two commands: `login --no-wait` starts one, and `login --resume` finishes it. */

import { requirePeer } from "../../api/local_peer.ts";
import {
  authorizeDevice,
  fetchOAuthSettings,
  findDeviceTokens,
  pollForDeviceTokens,
  serverOf,
  type Tokens,
} from "../../auth/oauth.ts";
import { namedContext } from "../../auth/stored_login.ts";
import type { OAuthSettings } from "../../contract/oauth.ts";
import { requireTrust } from "../../api/discovery.ts";
import { Failure } from "../../failure.ts";
import { engineUrl } from "../../hosts/urls.ts";
import { withCredentialsLock } from "../../store/credentials_changes.ts";
import {
  addPendingLogin,
  keepPendingLogins,
  type PendingLogin,
  readPendingLogins,
} from "../../store/pending_logins.ts";
import { Sensitive } from "../../secrecy/sensitive.ts";
import { whyUnattended } from "../../system/attendance.ts";
import { writeLabeledLines } from "../../terminal/labeled_lines.ts";
import { printable } from "../../terminal/safe_text.ts";
import { shellWord } from "../../text/shell_word.ts";
import type { Context } from "../context.ts";
import { writeJson } from "../shared/json.ts";
import {
  accept,
  type Bounded,
  findPrevious,
  findReplaced,
  limitOf,
  type LoginFlags,
  type LoginTarget,
  replaceLogin,
  showServices,
  welcome,
  withinLimit,
} from "./finish_login.ts";

/** How long a login without waiting for the user can take. */
const REQUESTS_SECONDS = 120;
/** How long a code is kept at most, whatever the server says. */
const MOST_SECONDS = 86_400;

/** Asks for a code, and prints it with the page that takes it. */
export async function beginLogin(
  context: Context,
  flags: LoginFlags,
  target: LoginTarget,
): Promise<void> {
  const { contextName, coordinator, engine, dashboard, isFound } = target;
  readPendingLogins(context.files.folder()); // fails before a request if the file is unusable
  await withinLimit(
    context,
    { target, limitSeconds: REQUESTS_SECONDS },
    async (bounded, proven) => {
      const settings = await fetchOAuthSettings(bounded.http, coordinator);
      if (!settings.device_authorization_endpoint) throw noCodes(coordinator);
      showServices(context, target, settings);
      const device = await authorizeDevice(bounded.http, settings);
      const now = context.clock.now();
      const pending: PendingLogin = {
        contextName,
        coordinator,
        found: isFound
          ? { ...engine !== undefined && { engine }, ...dashboard !== undefined && { dashboard } }
          : undefined,
        isProven: proven.isProven,
        authorizationServer: serverOf(settings),
        url: device.verificationUriComplete ?? device.verificationUri,
        userCode: device.userCode,
        deviceCode: device.deviceCode,
        codeVerifier: new Sensitive(device.codeVerifier),
        intervalSeconds: Math.ceil(device.intervalSeconds),
        expiresAt: new Date(now.getTime() + Math.min(device.expiresInSeconds, MOST_SECONDS) * 1000),
      };
      await addPendingLogin(context.files, pending, now);
      show(context, flags, pending);
    },
  );
}

function show(context: Context, { json }: LoginFlags, pending: PendingLogin): void {
  const { contextName, coordinator, url, userCode, expiresAt } = pending;
  const resume = resumeCommand(contextName);
  context.io.info(`Open the page and check the code, then finish the login with ${resume}`);
  if (json) {
    return writeJson(context, {
      context: contextName,
      coordinator_url: coordinator,
      url,
      code: userCode,
      expires_at: expiresAt.toISOString(),
    });
  }
  writeLabeledLines(context.io.stdout, [["Page", url], ["Code", userCode]]);
}

/** Finishes a pending login, and stores it. */
export async function resumeLogin(context: Context, flags: LoginFlags): Promise<void> {
  const pending = await findPending(context, flags);
  const target = await targetOf(context, pending);
  // Whether the installation can decide the name of the context was decided when the login was started.
  const chosen = { ...target, isFound: false };
  const previous = await findReplaced(context, flags, { target: chosen, isNamed: true });
  if (!previous) return await forget(context, pending);
  const { env, io: { stdin, stderr } } = context;
  const waits = flags.timeout !== undefined || whyUnattended(env, stdin, stderr) === undefined;
  const limitSeconds = waits ? limitOf(context, flags) : REQUESTS_SECONDS;
  await replaceLogin(context, { previous, target, limitSeconds }, async (bounded, proven) => {
    // Its code must not go to another program that took the port.
    if (pending.isProven && !proven.isProven) await requirePeer(context, target.coordinator);
    const settings = await fetchOAuthSettings(bounded.http, target.coordinator, pending);
    const tokens = await tokensOf(bounded, { settings, pending, waits });
    welcome(context, flags, await accept(bounded, proven, settings, tokens));
  });
}

/**
 * The tokens of a login. Forgets a login whose code cannot be used again.
 *
 * @throws {Failure} of kind `login` when the user has not decided, has denied it, or is too late.
 */
async function tokensOf(
  context: Bounded,
  { settings, pending, waits }: {
    readonly settings: OAuthSettings;
    readonly pending: PendingLogin;
    readonly waits: boolean;
  },
): Promise<Tokens> {
  const code = { ...pending, codeVerifier: pending.codeVerifier.reveal() };
  try {
    const tokens = await findDeviceTokens(context.http, settings, code);
    if (tokens) {
      await forget(context, pending);
      return tokens;
    }
    if (waits) {
      const { url, userCode } = pending;
      context.io.info(`Not approved yet; open ${url} and check the code ${userCode}`);
      context.io.info("Waiting for approval… (Ctrl-C to cancel)");
      const leftMs = pending.expiresAt.getTime() - context.clock.now().getTime();
      const bounded = { ...code, expiresInSeconds: leftMs / 1000 };
      const approved = await pollForDeviceTokens(context.http, settings, bounded);
      await forget(context, pending);
      return approved;
    }
  } catch (error) {
    const isOver = error instanceof Failure && error.kind === "login" &&
      !context.http.signal.aborted;
    if (isOver) await forget(context, pending);
    throw error;
  }
  const { url, userCode, contextName } = pending;
  throw new Failure("login", "The login is not approved yet", {
    next: `Open ${url} and check the code ${userCode}, then run ${
      resumeCommand(contextName)
    } again`,
    canRetry: true,
  });
}

/**
 * The login of the named context, or the only one. Removes expired logins.
 *
 * @throws {Failure} of kind `login` without one; of kind `usage` when several match.
 */
async function findPending(context: Context, flags: LoginFlags): Promise<PendingLogin> {
  const folder = context.files.folder();
  const named = namedContext(context, flags);
  const now = context.clock.now();
  const all = readPendingLogins(folder);
  const meant = all.filter(({ contextName }) => named === undefined || contextName === named);
  if (all.some(({ expiresAt }) => expiresAt <= now)) {
    await withCredentialsLock(
      context.files,
      () => keepPendingLogins(folder, ({ expiresAt }) => expiresAt > now),
    );
  }
  const [only, ...others] = meant.filter(({ expiresAt }) => expiresAt > now);
  if (only && others.length > 0) {
    const names = [only, ...others].map(({ contextName }) => contextName);
    throw new Failure("usage", "Several logins are pending", {
      next: `Name one with \`--context\`: ${names.join(", ")}`,
    });
  }
  if (only) return only;
  const same = named === undefined ? "" : ` --context ${shellWord(named)}`;
  throw new Failure(
    "login",
    meant.length > 0 ? "The login code has expired" : "No login is pending",
    {
      next: `Start one with \`arcade login --no-wait${same}\``,
    },
  );
}

/** The installation of a pending login. Its services must belong together, whatever the file says. */
async function targetOf(context: Context, pending: PendingLogin): Promise<LoginTarget> {
  const { contextName, coordinator, found } = pending;
  if (found) {
    const { engine, dashboard } = found;
    const services = { coordinator, engine, dashboard };
    requireTrust(coordinator, { ...services, noDeployments: undefined });
    return { contextName, ...services, isFound: true };
  }
  const before = await findPrevious(context, contextName);
  const known = before?.coordinatorUrl === coordinator ? before : undefined;
  return {
    contextName,
    coordinator,
    engine: context.env.ARCADE_ENGINE_URL ? engineUrl({}, context.env) : known?.engineUrl,
    dashboard: known?.dashboardUrl,
    isFound: false,
  };
}

async function forget(context: Context, { deviceCode }: PendingLogin): Promise<void> {
  const isOther = (one: PendingLogin) => one.deviceCode.reveal() !== deviceCode.reveal();
  await withCredentialsLock(
    context.files,
    () => keepPendingLogins(context.files.folder(), isOther),
  );
}

function noCodes(coordinator: string): Failure {
  return new Failure("server", `${coordinator} does not support login with a code`, {
    next: "Run `arcade login` at a terminal, or set ARCADE_API_KEY or ARCADE_TOKEN",
  });
}

function resumeCommand(contextName: string): string {
  return `\`arcade login --resume --context ${shellWord(printable(contextName))}\``;
}
