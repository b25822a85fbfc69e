import { chooseDefault, fetchAccount, fetchAccountOf } from "../../api/coordinator.ts";
import {
  authorizeDevice,
  fetchOAuthSettings,
  pollForDeviceTokens,
  prepareAuthorization,
  redeemCallback,
  revoke,
  serverOf,
  type Tokens,
} from "../../auth/oauth.ts";
import { reach } from "../../api/local_peer.ts";
import { requireProtection } from "../../api/exchange.ts";
import { validityOf } from "../../auth/login_changes.ts";
import { Session } from "../../auth/session.ts";
import { type ContextFlag, namedContext, olderVersion } from "../../auth/stored_login.ts";
import { isCloudAddress, isSameServer } from "../../hosts/cloud.ts";
import {
  type AddressFlags,
  coordinatorUrl,
  engineUrl,
  hasAddress,
  installationAddress,
  issuerOf,
} from "../../hosts/urls.ts";
import type { Account } from "../../contract/coordinator.ts";
import type { OAuthSettings } from "../../contract/oauth.ts";
import { isLoopback } from "../../hosts/address.ts";
import { withDeadline } from "../../system/waiting.ts";
import { programOf } from "../../system/attendance.ts";
import { seconds } from "../../system/environment.ts";
import { Failure } from "../../failure.ts";
import {
  CorruptFile,
  DEFAULT_CONTEXT,
  findContext,
  type OAuthCredentials,
  readContexts,
  type StoredContext,
} from "../../store/credentials.ts";
import {
  prepareForLogin,
  storeLogin,
  withCredentialsLock,
} from "../../store/credentials_changes.ts";
import { printable } from "../../terminal/safe_text.ts";
import { shellWord } from "../../text/shell_word.ts";
import { styleFor } from "../../terminal/style.ts";
import type { Environment } from "../../contract/variables.ts";
import type { Context } from "../context.ts";
import { findLocalArcades, noLocalArcade } from "../shared/local_arcade.ts";
import { canOpen, hasBrowser, openBrowser } from "../shared/browser.ts";
import { type Callback, listenForCallback } from "./callback_server.ts";
import { prepareRevocation, withinRevocationTime } from "../../auth/revocation.ts";

export interface LoginFlags extends AddressFlags, ContextFlag {
  readonly url?: string;
  readonly local?: boolean;
  readonly browser?: boolean;
  readonly device?: boolean;
  readonly callbackPort: number;
  readonly timeout?: number;
}

const TIMEOUT_SECONDS = 600;

/** The installation to log in to, and the context that the login is stored in. */
interface LoginTarget {
  readonly contextName: string;
  /** Without a final slash, like the other addresses. */
  readonly coordinator: string;
  /** Undefined for the default engine of the coordinator. */
  readonly engine: string | undefined;
  readonly dashboard: string | undefined;
  /** Whether the installation names its services, and so the context. */
  readonly isFound: boolean;
}

/** The same, and whether a local Arcade has proven itself there. */
interface ProvenTarget extends LoginTarget {
  readonly isProven: boolean;
}

/**
 * Logs in, unless the user is already logged in in that context. Replaces the login of that context at another coordinator,
 * and keeps the other contexts.
 */
export async function login(context: Context, flags: LoginFlags): Promise<void> {
  const target = await findTarget(context, flags);
  const { contextName, coordinator, isFound } = target;
  const previous = (await findPrevious(context, contextName))?.login;
  const isNamed = isFound || namesCoordinator(flags, context.env);
  const isElsewhere = previous && isNamed && issuerOf(previous) !== coordinator;
  if (previous && !isElsewhere && await isLoggedIn(context, previous)) return;
  const isLocal = isElsewhere && [issuerOf(previous), coordinator].every(isLoopbackAddress);
  if (isElsewhere && isFound && !isLocal && namedContext(context, flags) === undefined) {
    // The installation decides this name, so it replaces nothing without the user's word.
    throw new Failure("usage", `The context "${contextName}" is a login at ${issuerOf(previous)}`, {
      next: "Choose another name with `--context`",
    });
  }
  requirePerson(context, flags);
  const aside = await prepareForLogin(context.files, context.clock.now());
  if (aside !== undefined) {
    context.io.info(`The old credentials were unreadable; moved to ${aside}`);
  }
  if (isElsewhere) {
    context.io.info(`Replacing your login as ${previous.email} at ${issuerOf(previous)}`);
  }

  const limit = flags.timeout ??
    seconds(context.env, "ARCADE_LOGIN_TIMEOUT_SECONDS", TIMEOUT_SECONDS);
  const late = () =>
    new Failure("login", `Login timed out after ${limit} s`, {
      next: "Run the same command again (`--timeout` gives you longer)",
    });
  const at = await reach(context, coordinator);
  const revokePrevious = isElsewhere ? await prepareRevocation(context, previous) : undefined;
  await withDeadline(
    { milliseconds: limit * 1000, late, signal: context.signals.interruption() },
    (signal) =>
      logInWithin({ ...context, http: { ...at.http, signal } }, flags, {
        target: { ...target, isProven: at.isProven },
        signal,
      }),
  );
  await revokePrevious?.();
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
 * Refuses to wait without a terminal in CI or for a coding agent, where no person sees what to do. `--device` is allowed,
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
    `${program} is set and there is no terminal to complete the login at`,
    {
      next:
        "Set ARCADE_API_KEY or ARCADE_TOKEN, or use `--no-wait` and let a person approve the code",
    },
  );
}

/** Whether an address is on this machine, where local Arcades come and go. */
function isLoopbackAddress(address: string): boolean {
  return isLoopback(new URL(address).hostname);
}

/** The address of the local Arcade on this machine. */
async function addressOfLocalArcade(context: Context): Promise<string> {
  const { own, others } = await findLocalArcades(context);
  if (own !== undefined) return own.address;
  const other = others[0]?.address;
  if (other === undefined) throw noLocalArcade();
  throw new Failure("not-found", `A local Arcade with other data is running at ${other}`, {
    next: `Log in there with \`arcade login --url ${other}\``,
  });
}

/** The stored context of this name; undefined without one, or when the file is corrupt. */
async function findPrevious(
  context: Context,
  contextName: string,
): Promise<StoredContext | undefined> {
  const folder = context.files.folder();
  try {
    const contexts = await readContexts(folder);
    const found = contexts.find((one) => one.contextName === contextName);
    if (!found?.login && contexts.length === 1 && contexts[0]?.isLegacy) throw olderVersion(folder);
    return found;
  } catch (error) {
    if (error instanceof CorruptFile) return undefined;
    throw error;
  }
}

/** Reports the current user, if the server still accepts the stored login. */
async function isLoggedIn(context: Context, login: OAuthCredentials): Promise<boolean> {
  const logout = `arcade logout --context ${shellWord(login.contextName)}`;
  try {
    const session = await Session.open(context, login, {
      coordinator: issuerOf(login),
      flags: {},
    });
    if ((await fetchAccountOf(session.access)).isTooWeak) return false;
  } catch (error) {
    if (!(error instanceof Failure) || error.kind === "interrupted") throw error;
    if (error.kind === "login") return false;
    throw new Failure(
      error.kind,
      `Could not check the login as ${login.email} at ${issuerOf(login)}: ${error.message}`,
      { next: `Try again, or run \`${logout}\` and log in elsewhere`, cause: error },
    );
  }
  context.io.info(
    `Already logged in as ${login.email} at ${issuerOf(login)}. ` +
      `To switch users, run \`${logout}\` first; to log in elsewhere, use \`--url\``,
  );
  const active = await findContext(context.files.folder(), undefined);
  if (active?.contextName !== login.contextName) {
    context.io.info(`To work there, run \`arcade context set ${shellWord(login.contextName)}\``);
  }
  return true;
}

async function logInWithin(
  context: Context,
  flags: LoginFlags,
  { target, signal }: { readonly target: ProvenTarget; readonly signal: AbortSignal },
): Promise<void> {
  const { coordinator } = target;
  requireProtection(coordinator);
  const settings = await fetchOAuthSettings(context.http, coordinator);
  showServices(context, target, settings);

  const wantsBrowser = flags.browser !== false;
  const opensBrowser = wantsBrowser && !flags.device &&
    (flags.browser ? canOpen(context) : hasBrowser(context));
  const usesDevice = settings.device_authorization_endpoint && wantsBrowser && !opensBrowser;
  if (usesDevice) {
    const tokens = await logInOnAnotherDevice(context, flags, settings);
    const account = await accept(context, target, settings, tokens);
    return welcome(context, account);
  }
  if (flags.device) {
    context.io.info(`${coordinator} does not support logging in on another device`);
    requirePerson(context, { ...flags, device: false });
  }
  await logInThroughBrowser(context, target, settings, { flags, opensBrowser, limit: signal });
}

/** Shows the services of a login if they are not one server, because one of them may belong to someone else. */
function showServices(
  context: Context,
  { coordinator, engine, dashboard }: LoginTarget,
  settings: OAuthSettings,
): void {
  const services = Object.entries({
    coordinator,
    engine,
    dashboard,
    "sign-in": serverOf(settings),
  }).flatMap(([name, address]) => address === undefined ? [] : [{ name, address }]);
  if (services.every(({ address }) => isSameServer(coordinator, address))) return;
  context.io.info("This login uses several servers; cancel it if you do not know one of them:");
  for (const { name, address } of services) {
    context.io.stderr.write(`  ${name.padEnd(11)}  ${printable(address)}\n`);
  }
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
  const server = await listenForCallback(flags.callbackPort, {
    env: context.env,
    os: context.machine.os,
  });
  const signal = AbortSignal.any([limit, server.intrusion]);
  const bounded = { ...context, http: { ...context.http, signal } };
  try {
    // The address that is shown stays in the terminal; the one of the browser's command line does not.
    const shown = await prepareAuthorization(settings, server.redirectUri);
    server.accept(shown);
    if (opensBrowser) {
      context.io.info("Opening your browser to log in. If it does not open, open this address:");
    } else context.io.info("Open this address in a browser on this machine to log in:");
    showAddress(context, shown.url);
    context.io.info("Waiting for you in the browser… (Ctrl-C to cancel)");
    if (opensBrowser) {
      const address = server.addressFor(await prepareAuthorization(settings, server.redirectUri));
      // Do not wait: the redirect may arrive before the launcher exits.
      openBrowser(context, address).then((isOpen) => {
        if (!isOpen) context.io.info("Could not start a browser; open the address yourself");
      });
    }
    const callback = await waitForCallback(server.callback(), signal);
    try {
      const { request, parameters } = callback;
      const tokens = await redeemCallback(bounded.http, settings, request, parameters);
      const account = await accept(bounded, target, settings, tokens);
      callback.answer({ kind: "success", email: account.email });
      welcome(context, account);
    } catch (error) {
      const reason = error instanceof Failure ? printable(error.message) : "Something went wrong";
      callback.answer({ kind: "failure", reason });
      throw error;
    }
  } finally {
    await server.close();
  }
}

function waitForCallback(callback: Promise<Callback>, signal: AbortSignal): Promise<Callback> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    callback.then(resolve, reject);
  });
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
      : `No browser can be opened from here, so open this address ${where} and check the code:`,
  );
  showAddress(context, address);
  context.io.info("Waiting for approval… (Ctrl-C to cancel)");
  return await pollForDeviceTokens(context.http, settings, device);
}

/** Fetches the account and stores the login. Revokes the tokens if that fails. */
async function accept(
  context: Context,
  { contextName, coordinator, engine, dashboard, isProven }: ProvenTarget,
  settings: OAuthSettings,
  tokens: Tokens,
): Promise<Account> {
  const validity = validityOf(tokens, settings, context.clock.now());
  try {
    const account = await fetchAccount(context.http, coordinator, tokens.accessToken);
    if (account.isTooWeak) {
      const { strongAuthenticationFailure } = await import("../../api/errors.ts");
      throw strongAuthenticationFailure({}, "Run the same command again");
    }
    const organization = chooseDefault(account.organizations);
    const project = chooseDefault(account.projects);
    await withCredentialsLock(context.files, () =>
      storeLogin(context.files.folder(), {
        kind: "oauth",
        contextName,
        installation: [coordinator, engine ?? ""].some(isCloudAddress) ? "cloud" : "self_hosted",
        coordinatorUrl: coordinator,
        engineUrl: engine,
        dashboardUrl: dashboard,
        accessToken: tokens.accessToken,
        refreshToken: tokens.refreshToken,
        ...validity,
        email: account.email,
        accountId: account.id || undefined,
        activeProject: organization && project && {
          orgId: organization.id,
          orgName: organization.name,
          projectId: project.id,
          projectName: project.name,
        },
      }, { isProven }));
    return account;
  } catch (error) {
    await withinRevocationTime(context.http, (bounded) => revoke(bounded, settings, tokens));
    throw error;
  }
}

function welcome(context: Context, account: Account): void {
  const organization = chooseDefault(account.organizations);
  const project = chooseDefault(account.projects);
  context.io.info(`Logged in as ${account.email}`);
  if (organization && project) {
    context.io.info(`Organization: ${organization.name}`);
    context.io.info(`Project: ${project.name}`);
  } else {
    context.io.info("No active organization and project; choose them with `arcade org set`");
  }
}

/** Shows an address on a line of its own, where it can be copied. */
function showAddress(context: Context, address: string): void {
  context.io.stderr.write(`\n  ${printable(address)}\n\n`);
}
