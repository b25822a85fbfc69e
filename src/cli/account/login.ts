import { type Account, chooseDefault, fetchAccount } from "../../arcade/coordinator.ts";
import {
  authorizeDevice,
  fetchOAuthSettings,
  pollForDeviceTokens,
  prepareAuthorization,
  redeemCallback,
  requireSameProtection,
  revoke,
  type Tokens,
} from "../../arcade/oauth.ts";
import { requireProtection } from "../../arcade/http.ts";
import { expiryOf, Session } from "../../arcade/session.ts";
import { type AddressFlags, coordinatorUrl, engineUrl } from "../../arcade/urls.ts";
import type { OAuthSettings } from "../../arcade/wire.ts";
import { Failure } from "../../failure.ts";
import {
  prepareForLogin,
  readCredentials,
  UnintelligibleFile,
  withCredentialsLock,
  writeCredentials,
} from "../../store/credentials.ts";
import { printable } from "../../terminal/safe_text.ts";
import type { Context } from "../context.ts";
import type { CommonFlags } from "../flags.ts";
import { seconds } from "../process_context.ts";
import { sentences, tell } from "../report.ts";
import { hasBrowser, openBrowser } from "./browser.ts";
import { type Callback, listenForCallback } from "./callback_server.ts";

export interface LoginFlags extends AddressFlags, CommonFlags {
  readonly browser?: boolean;
  readonly device?: boolean;
  readonly callbackPort: number;
  readonly timeout?: number;
}

const TIMEOUT_SECONDS = 600;

/** Logs in, unless somebody is logged in already. */
export async function login(context: Context, flags: LoginFlags): Promise<void> {
  if (flags.device && flags.browser === false) {
    throw new Failure("usage", "--device and --no-browser exclude each other", {
      next: "Give one of them: --no-browser prints the address, --device asks for a code",
    });
  }
  if (await isLoggedIn(context)) return;
  const aside = await prepareForLogin(context.folder(), context.now());
  if (aside !== undefined) {
    tell(context, `The old credentials could not be read and were kept as ${aside}`);
  }

  const limit = flags.timeout ??
    seconds(context.env, "ARCADE_LOGIN_TIMEOUT_SECONDS", TIMEOUT_SECONDS);
  const late = new Failure("login", `Nobody finished the login within ${limit} s`, {
    next: "Run arcade login again, with a longer --timeout if you need one",
  });
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(late), limit * 1000);
  const signal = AbortSignal.any([context.interruption(), deadline.signal]);
  try {
    await logInWithin({ ...context, signal }, flags, signal);
  } finally {
    clearTimeout(timer);
  }
}

async function logInWithin(
  context: Context,
  flags: LoginFlags,
  signal: AbortSignal,
): Promise<void> {
  const coordinator = coordinatorUrl(flags, context.env);
  requireProtection(coordinator);
  const settings = await fetchOAuthSettings(context, coordinator);
  requireSameProtection(coordinator, settings);

  const wantsBrowser = flags.browser !== false;
  const opensBrowser = wantsBrowser && !flags.device && hasBrowser(context);
  const usesDevice = settings.device_authorization_endpoint && wantsBrowser && !opensBrowser;
  if (usesDevice) {
    const tokens = await logInOnAnotherDevice(context, settings);
    const account = await accept(context, coordinator, settings, tokens);
    return welcome(context, account);
  }
  if (flags.device) {
    tell(
      context,
      `${coordinator} offers no login on another device, so an address has to be opened`,
    );
  }
  await logInThroughBrowser(context, coordinator, settings, { flags, opensBrowser, signal });
}

/** Says as whom, if somebody is logged in. A login that has ended, or a file that is no use, is none. */
async function isLoggedIn(context: Context): Promise<boolean> {
  try {
    if (!await readCredentials(context.folder())) return false;
  } catch (error) {
    if (error instanceof UnintelligibleFile) return false;
    throw error;
  }
  const session = await Session.open(context); // stops at credentials of the older kind
  try {
    await session.accessToken();
  } catch (error) {
    if (error instanceof Failure && error.kind === "login") return false;
    throw error;
  }
  tell(
    context,
    `Already logged in as ${session.email} at ${session.coordinator}. ` +
      "To log in as somebody else or elsewhere, run arcade logout first",
  );
  return true;
}

async function logInThroughBrowser(
  context: Context,
  coordinator: string,
  settings: OAuthSettings,
  { flags, opensBrowser, signal }: {
    flags: LoginFlags;
    opensBrowser: boolean;
    signal: AbortSignal;
  },
): Promise<void> {
  const server = await listenForCallback(flags.callbackPort, context.env);
  try {
    const request = await prepareAuthorization(settings, server.redirectUri);
    if (opensBrowser) {
      tell(context, "Opening your browser to log in. If it does not open, open this address:");
    } else tell(context, "Open this address in a browser on this machine to log in:");
    showAddress(context, request.url);
    if (opensBrowser) {
      // The browser may be back before it is known whether it could be started.
      openBrowser(context, request.url).then((isOpen) => {
        if (!isOpen) tell(context, "No browser could be started; open the address yourself");
      });
    }
    const callback = await heard(server.callback(request.state), signal);
    try {
      const tokens = await redeemCallback(context, settings, request, callback.parameters);
      const account = await accept(context, coordinator, settings, tokens);
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

function heard(callback: Promise<Callback>, signal: AbortSignal): Promise<Callback> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    callback.then(resolve, reject);
  });
}

async function logInOnAnotherDevice(
  context: Context,
  settings: OAuthSettings,
): Promise<Tokens> {
  const device = await authorizeDevice(context, settings);
  tell(context, "To log in, open this address on any device:");
  showAddress(context, device.verificationUriComplete ?? device.verificationUri);
  tell(context, `and check that it shows the code ${device.userCode}. Waiting for you…`);
  return await pollForDeviceTokens(context, settings, device);
}

/** Finds out who logged in and stores it. Tokens that cannot be stored are revoked. */
async function accept(
  context: Context,
  coordinator: string,
  settings: OAuthSettings,
  tokens: Tokens,
): Promise<Account> {
  const expiresAt = expiryOf(tokens, context.now());
  try {
    const account = await fetchAccount(context, coordinator, tokens.accessToken);
    const organization = chooseDefault(account.organizations);
    const project = chooseDefault(account.projects);
    await withCredentialsLock(context.folder(), () =>
      writeCredentials(context.folder(), {
        kind: "oauth",
        coordinatorUrl: coordinator,
        // An Arcade of one's own is asked at the same place when the environment says nothing any more.
        engineUrl: context.env.ARCADE_ENGINE_URL ? engineUrl({}, context.env) : undefined,
        accessToken: tokens.accessToken,
        refreshToken: tokens.refreshToken,
        expiresAt,
        email: account.email,
        accountId: account.id || undefined,
        context: organization && project && {
          orgId: organization.id,
          orgName: organization.name,
          projectId: project.id,
          projectName: project.name,
        },
      }));
    return account;
  } catch (error) {
    if (tokens.refreshToken) {
      const unsignalled = { ...context, signal: undefined, timeoutMs: 2000 };
      await revoke(unsignalled, settings, tokens.refreshToken).catch((second) => {
        if (second instanceof Failure) context.trace?.(sentences(second));
      });
    }
    throw error;
  }
}

function welcome(context: Context, account: Account): void {
  const organization = chooseDefault(account.organizations);
  const project = chooseDefault(account.projects);
  tell(context, `Logged in as ${account.email}`);
  if (organization && project) {
    tell(context, `Organization ${organization.name}, project ${project.name}`);
  } else {
    tell(context, "No organization and project to work in yet; choose with arcade org set");
  }
}

/** Shows an address on a line of its own, where it can be copied. */
function showAddress(context: Context, address: string): void {
  context.stderr.write(`\n  ${printable(address)}\n\n`);
}
