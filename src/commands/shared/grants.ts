/** Grants that users give to tools on a page of the engine. */

import type { GrantsClient } from "../../api/grants.ts";
import type { Authorization } from "../../contract/grants.ts";
import { Failure } from "../../failure.ts";
import { whyUnattended } from "../../system/attendance.ts";
import { printable } from "../../terminal/safe_text.ts";
import type { Context } from "../context.ts";
import { hasBrowser, openBrowser } from "./browser.ts";
import { WAIT_SECONDS, type WaitFlags } from "./wait_flags.ts";

/**
 * How long one request waits. Engines answer early only when the grant is completed, so a refusal is noticed this late.
 */
const POLL_SECONDS = 3;
/** How often to poll an engine that does not wait. */
const PAUSE_MS = 1000;

/** How many seconds to wait for the user; undefined if the command should exit. */
export function secondsToWait(
  { env, io: { stdin, stderr, json } }: Context,
  { wait, noWait }: WaitFlags,
): number | undefined {
  const hasUser = !json && whyUnattended(env, stdin, stderr) === undefined;
  return noWait ? undefined : wait ?? (hasUser ? WAIT_SECONDS : undefined);
}

/**
 * Shows the user the page of an authorization, and waits until it is completed.
 *
 * @param options.what the sentence above the address.
 * @throws {Failure} of kind `grant-needed` when the user refuses or does not respond in time.
 */
export async function awaitGrant(
  context: Context & { readonly http: { readonly signal: AbortSignal } },
  grants: GrantsClient,
  authorization: Authorization,
  { seconds, what }: { readonly seconds: number; readonly what: string },
): Promise<void> {
  if (authorization.status === "completed") return;
  requireNotFailed(authorization);
  const { url } = authorization;
  if (url !== undefined) await showPage(context, url, what);
  const done = await waitForDecision(context, grants, { authorization, seconds });
  requireNotFailed(done);
  if (done.status === "completed") return;
  throw new Failure("grant-needed", `The user did not respond within ${seconds} s`, {
    next: openPage(authorization),
  });
}

/** Waits until an authorization is no longer pending, or the time is up, and returns it. */
export async function waitForDecision(
  { http: { signal }, clock }: Context & { readonly http: { readonly signal: AbortSignal } },
  grants: GrantsClient,
  { authorization, seconds }: { readonly authorization: Authorization; readonly seconds: number },
): Promise<Authorization> {
  const end = clock.elapsedMs() + seconds * 1000;
  let now = authorization;
  while (isOpen(now)) {
    const started = clock.elapsedMs();
    const leftMs = end - started;
    if (leftMs <= 0) return now;
    const { id } = authorization;
    now = await grants.status(id, Math.min(POLL_SECONDS, Math.ceil(leftMs / 1000)));
    const earlyMs = started + PAUSE_MS - clock.elapsedMs();
    if (isOpen(now) && earlyMs > 0) await clock.sleep(Math.min(earlyMs, leftMs), signal);
  }
  return now;
}

/** The next step for an authorization that the user has not responded to. */
export function openPage({ url }: Authorization): string {
  return url === undefined
    ? "Run the same command again"
    : `Open ${url}, then run the same command again`;
}

/** Whether the user has not responded. */
export function isOpen({ status }: Authorization): boolean {
  return status !== "completed" && status !== "failed";
}

function requireNotFailed({ status, provider }: Authorization): void {
  if (status !== "failed") return;
  throw new Failure("grant-needed", `Access${provider ? ` to ${provider}` : ""} was refused`, {
    report: "A user refused a grant",
    next: "Run the same command again to ask once more",
  });
}

/** Shows the user a page, and opens it on a terminal. */
export async function showPage(context: Context, url: string, what: string): Promise<void> {
  const { io: { info, stderr } } = context;
  info(what);
  stderr.write(`\n  ${printable(url)}\n\n`);
  info("Waiting for you in the browser… (Ctrl-C to cancel)");
  if (hasBrowser(context) && !await openBrowser(context, url)) {
    info("Could not open a browser; open the address yourself");
  }
}
