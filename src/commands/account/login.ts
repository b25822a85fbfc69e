import {
  authorizeDevice,
  fetchOAuthSettings,
  pollForDeviceTokens,
  type Tokens,
} from "../../auth/oauth.ts";
import { reach } from "../../api/local_peer.ts";
import { namedContext } from "../../auth/stored_login.ts";
import {
  type AddressFlags,
  coordinatorUrl,
  engineUrl,
  hasAddress,
  installationAddress,
} from "../../hosts/urls.ts";
import type { OAuthSettings } from "../../contract/oauth.ts";
import { programOf } from "../../system/attendance.ts";
import { Failure } from "../../failure.ts";
import { DEFAULT_CONTEXT } from "../../store/credentials.ts";
import { printable } from "../../terminal/safe_text.ts";
import { styleFor } from "../../terminal/style.ts";
import type { Environment } from "../../contract/variables.ts";
import type { Context } from "../context.ts";
import { tellExisting } from "../shared/existing.ts";
import { findLocalArcades, noLocalArcade } from "../shared/local_arcade.ts";
import { canOpen, hasBrowser } from "../shared/browser.ts";
import { redeemInBrowser, showAddress } from "../shared/browser_login.ts";
import { listenForCallback } from "../shared/callback_server.ts";
import {
  accept,
  type Bounded,
  findPrevious,
  findReplaced,
  isLoopbackAddress,
  limitOf,
  type LoginFlags,
  type LoginTarget,
  type ProvenTarget,
  replaceLogin,
  showServices,
  welcome,
  writeLogin,
} from "./finish_login.ts";

/**
 * Logs in, unless the user is already logged in in that context. Replaces the login of that context at another coordinator,
 * and keeps the other contexts.
 */
export async function login(context: Context, flags: LoginFlags): Promise<void> {
  if (flags.resume) return await (await import("./pending_login.ts")).resumeLogin(context, flags);
  const target = await findTarget(context, flags);
  if (flags.ifNotExists && await isThere(context, flags, target)) return;
  const isNamed = target.isFound || namesCoordinator(flags, context.env);
  const previous = await findReplaced(context, flags, { target, isNamed });
  if (!previous) return;
  if (flags.noWait) {
    return await (await import("./pending_login.ts")).beginLogin(context, flags, target);
  }
  requirePerson(context, flags);
  const limitSeconds = limitOf(context, flags);
  await replaceLogin(
    context,
    { previous, target, limitSeconds },
    (bounded, proven) => logInWithin(bounded, flags, proven),
  );
}

/** Whether the context exists, which is reported. */
async function isThere(
  context: Context,
  flags: LoginFlags,
  { contextName }: LoginTarget,
): Promise<boolean> {
  const found = await findPrevious(context, contextName);
  if (!found) return false;
  tellExisting(context, `the context "${contextName}"`);
  writeLogin(context, flags, { contextName, login: found.login, isNew: false });
  return true;
}

async function findTarget(context: Context, flags: LoginFlags): Promise<LoginTarget> {
  const named = namedContext(context, flags);
  const url = await findInstallation(context, flags);
  if (url === undefined) {
    const contextName = named ?? DEFAULT_CONTEXT;
    // Logging in again is for the same installation, unless another one is named.
    const known = namesCoordinator(flags, context.env)
      ? undefined
      : await findPrevious(context, contextName);
    return {
      contextName,
      coordinator: coordinatorUrl(flags, context.env, known?.coordinatorUrl),
      // Keeps a self-hosted engine in use after the variable is unset.
      engine: context.env.ARCADE_ENGINE_URL ? engineUrl({}, context.env) : known?.engineUrl,
      dashboard: known?.dashboardUrl,
      isFound: false,
    };
  }
  const { discover } = await import("../../api/discovery.ts");
  const at = await reach(context, url);
  const { engine, coordinator, dashboard, noDeployments } = await discover(at.http, url);
  if (noDeployments !== undefined) {
    const reason = noDeployments === "" ? "" : `: ${noDeployments}`;
    context.io.warn(`${url} accepts no deployments${reason}`);
  }
  const contextName = named ?? new URL(engine ?? url).hostname;
  return { contextName, coordinator, engine, dashboard, isFound: true };
}

/** The address of the installation to ask for its services; undefined when the coordinator is named, or is the cloud's. */
async function findInstallation(
  context: Context,
  flags: LoginFlags,
): Promise<string | undefined> {
  const { env } = context;
  if (flags.local) return await addressOfLocalArcade(context);
  if (flags.url !== undefined) return installationAddress(flags.url, "The address");
  const isElsewhere = namesCoordinator(flags, env);
  return env.ARCADE_URL && !isElsewhere
    ? installationAddress(env.ARCADE_URL, "ARCADE_URL")
    : undefined;
}

/** Whether the flags or the environment name a coordinator. */
function namesCoordinator(flags: AddressFlags, { ARCADE_COORDINATOR_URL }: Environment): boolean {
  return hasAddress(flags) || Boolean(ARCADE_COORDINATOR_URL);
}

/**
 * Refuses to wait without a terminal in CI or for a coding agent, where no user sees what to do. `--device` is allowed,
 * because its code can be read in the log and approved from anywhere, and with `--browser`, `$BROWSER` can be a program that
 * logs in.
 *
 * @throws {Failure} of kind `login`.
 */
function requirePerson(
  { env, io: { stdin, stderr } }: Context,
  { device, browser }: LoginFlags,
): void {
  const program = programOf(env);
  const mayComplete = program === undefined || stdin.isTerminal || stderr.isTerminal;
  if (mayComplete || device || browser) return;
  throw new Failure(
    "login",
    `${program} is set and there is no terminal to complete the login`,
    {
      next:
        "Set ARCADE_API_KEY or ARCADE_TOKEN, or use `--no-wait` and have a user approve the code",
    },
  );
}

/** The address of the local Arcade on this machine. */
async function addressOfLocalArcade(context: Context): Promise<string> {
  const { own, others } = await findLocalArcades(context);
  if (own !== undefined) return own.address;
  const other = others[0]?.address;
  if (other === undefined) throw noLocalArcade();
  throw new Failure("not-found", `A local Arcade with another data folder is running at ${other}`, {
    next: `Log in there with \`arcade login --url ${other}\``,
  });
}

async function logInWithin(
  context: Bounded,
  flags: LoginFlags,
  target: ProvenTarget,
): Promise<void> {
  const { coordinator } = target;
  const settings = await fetchOAuthSettings(context.http, coordinator);
  showServices(context, target, settings);

  const wantsBrowser = flags.browser !== false;
  const opensBrowser = wantsBrowser && !flags.device &&
    (flags.browser ? canOpen(context) : hasBrowser(context));
  const usesDevice = settings.device_authorization_endpoint && wantsBrowser && !opensBrowser;
  if (usesDevice) {
    const tokens = await logInOnAnotherDevice(context, flags, settings);
    return welcome(context, flags, await accept(context, target, settings, tokens));
  }
  if (flags.device) {
    context.io.info(`${coordinator} does not support login on another device`);
    requirePerson(context, { ...flags, device: false });
  }
  await logInThroughBrowser(context, target, settings, {
    flags,
    opensBrowser,
    limit: context.http.signal,
  });
}

async function logInThroughBrowser(
  context: Context,
  target: ProvenTarget,
  settings: OAuthSettings,
  { flags, opensBrowser, limit }: {
    flags: LoginFlags;
    opensBrowser: boolean;
    limit: AbortSignal;
  },
): Promise<void> {
  await using server = await listenForCallback(flags.callbackPort, {
    env: context.env,
    os: context.machine.os,
  });
  const at = { server, settings, opensBrowser, limit };
  const accepted = await redeemInBrowser(context, at, async (bounded, tokens) => {
    const given = await accept(bounded, target, settings, tokens);
    return { what: `${given.account.email} is logged in to the Arcade command line`, given };
  });
  welcome(context, flags, accepted);
}

async function logInOnAnotherDevice(
  context: Context,
  flags: LoginFlags,
  settings: OAuthSettings,
): Promise<Tokens> {
  const device = await authorizeDevice(context.http, settings);
  const { bold } = styleFor(context.io.stderr);
  context.io.stderr.write(`Your code: ${bold(printable(device.userCode))}\n`);
  const address = device.verificationUriComplete ?? device.verificationUri;
  const where = isLoopbackAddress(address)
    ? "in a browser on this machine"
    : flags.device
    ? "on any device"
    : "on another device";
  context.io.info(
    flags.device
      ? `Open this address ${where} and check the code:`
      : `Cannot open a browser here, so open this address ${where} and check the code:`,
  );
  showAddress(context, address);
  context.io.info("Waiting for approval… (Ctrl-C to cancel)");
  return await pollForDeviceTokens(context.http, settings, device);
}
