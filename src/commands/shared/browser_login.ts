import { printable } from "../../terminal/safe_text.ts";
import {
  prepareAuthorization,
  redeemCallback,
  type TokenPurpose,
  type Tokens,
} from "../../auth/oauth.ts";
import type { OAuthSettings } from "../../contract/oauth.ts";
import { Failure } from "../../failure.ts";
import type { Context } from "../context.ts";
import { openBrowser } from "./browser.ts";
import type { Callback, CallbackServer } from "./callback_server.ts";

/**
 * Has the user log in in a browser, and exchanges the response for tokens.
 *
 * @param options.purpose the purpose of the tokens; by default an installation.
 * @param options.limit ends the wait for the user.
 * @param accept takes the tokens, and returns what the browser shows, as a sentence without its period, and what they give.
 */
export async function redeemInBrowser<T>(
  context: Context,
  { server, settings, purpose, opensBrowser, limit }: {
    readonly server: CallbackServer;
    readonly settings: OAuthSettings;
    readonly purpose?: TokenPurpose;
    readonly opensBrowser: boolean;
    readonly limit: AbortSignal;
  },
  accept: (
    bounded: Context,
    tokens: Tokens,
  ) => Promise<{ readonly what: string; readonly given: T }>,
): Promise<T> {
  const signal = AbortSignal.any([limit, server.intrusion]);
  const bounded = { ...context, http: { ...context.http, signal } };
  const prepare = () => prepareAuthorization(settings, server.redirectUri, purpose);
  // The printed address stays in the terminal; other users can see the one on the browser's command line.
  const shown = await prepare();
  server.accept(shown);
  if (opensBrowser) {
    context.io.info("Opening your browser to log in. If it does not open, open this address:");
  } else context.io.info("Open this address in a browser on this machine to log in:");
  showAddress(context, shown.url);
  context.io.info("Waiting for you in the browser… (Ctrl-C to cancel)");
  if (opensBrowser) {
    const address = server.addressFor(await prepare());
    // Do not wait: the redirect may arrive before the launcher exits.
    openBrowser(context, address).then((isOpen) => {
      if (!isOpen) context.io.info("Could not open a browser; open the address yourself");
    });
  }
  const callback = await waitForCallback(server.callback(), signal);
  try {
    const { request, parameters } = callback;
    const tokens = await redeemCallback(bounded.http, settings, request, parameters, purpose);
    const { what, given } = await accept(bounded, tokens);
    callback.answer({ kind: "success", what });
    return given;
  } catch (error) {
    const reason = error instanceof Failure ? printable(error.message) : "Something went wrong";
    callback.answer({ kind: "failure", reason });
    throw error;
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

/** Shows an address on its own line, so that it can be copied. */
export function showAddress(context: Context, address: string): void {
  context.io.stderr.write(`\n  ${printable(address)}\n\n`);
}
