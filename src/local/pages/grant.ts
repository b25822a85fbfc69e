/** The page where a user decides about an authorization. */

import { html } from "hono/html";
import type { Authorization } from "../model/authorizations.ts";
import { cardLayout, type Html, messagePage, named, problemNote } from "./layout.ts";
import { accountFields } from "./sign_in.ts";

/** The path of the page, which gets `flow_id`. */
export const GRANT_PAGE = "/grants";
export const GRANT_DECISION = "/grants/decision";

/** The address of the page for a flow, at the origin of this server. */
export function grantAddress(origin: string, flowId: string): string {
  return `${origin}${GRANT_PAGE}?${new URLSearchParams({ flow_id: flowId })}`;
}

/** How long a user can allow access, so that an application can be tested with an expired grant. */
export const SHORT_GRANT_SECONDS = 60;

/** Who can decide. */
export type Verification =
  /** The user who is signed in with the requested address; these are the accounts. */
  | { readonly by: "account"; readonly accounts: readonly string[] }
  /** The user that the application confirms on its page at this address. */
  | { readonly by: "application"; readonly url: string }
  | { readonly by: "no-one" };

/** Asks the user. `isNamed` says whether a tool of the project names the provider. */
export function grantPage(
  { flowId, userId = "", providerId = "", scopes, nextUri }: Authorization,
  { verification, isNamed, problem }: {
    readonly verification: Verification;
    readonly isNamed: boolean;
    readonly problem?: string | undefined;
  },
): Html {
  const content = html`
    <p>
      An application wants to use <strong>${named(providerId)}</strong> for
      <strong>${named(userId)}</strong>.
    </p>
    ${isNamed
      ? ""
      : html`<p class="quiet">No tool of this project names this provider. Check its spelling.</p>`}
    <h2>Scopes</h2>
    ${scopes.length === 0
      ? html`<p class="quiet">None</p>`
      : html`<ul>${scopes.map((scope) => html`<li><code>${scope}</code></li>`)}</ul>`}
    ${nextUri === undefined ? "" : html`
      <p class="quiet">Then your browser opens <code>${nextUri}</code>.</p>
    `}
    ${problemNote(problem)}
    <form method="post" action="${GRANT_DECISION}">
      <input type="hidden" name="flow_id" value="${flowId}">
      ${verificationFields(userId, { verification, wantsOther: problem !== undefined })}
      <div class="buttons">
        <button name="decision" value="allow">Allow</button>
        <button name="decision" value="deny" class="secondary">Deny</button>
        <button name="decision" value="allow-briefly" class="secondary">Allow for a minute</button>
      </div>
    </form>
    <p class="quiet">The provider is fake. Nothing leaves this machine, and no service accepts the
      token.</p>
  `;
  return cardLayout("Allow access?", content);
}

function verificationFields(
  userId: string,
  { verification, wantsOther }: {
    readonly verification: Verification;
    readonly wantsOther: boolean;
  },
): Html | "" {
  if (verification.by === "no-one") return "";
  if (verification.by === "application") {
    return html`<p class="quiet">Then <code>${verification.url}</code> confirms who you are.</p>`;
  }
  const { accounts } = verification;
  const choices = [userId, ...accounts.filter((email) => !isSame(email, userId))];
  return html`
    <h2>Sign in as</h2>
    ${accounts.some((email) => isSame(email, userId))
      ? ""
      : html`<p class="quiet">No account has the e-mail address ${named(userId)}. At Arcade, only
        someone who is signed in with exactly that address can allow this, unless the project has a
        custom verifier.</p>`}
    ${accountFields(choices.map((email) => ({ value: email, text: email })), {
      other: "Another user",
      label: "E-mail of the other user",
      wantsOther,
    })}
  `;
}

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** The user of the browser is not the user of the authorization, as in Arcade. */
export function mismatchPage({ flowId, userId = "" }: Authorization, as: string): Html {
  const content = html`
    <p class="note problem" role="alert">
      You are signed in as ${named(as)}, but the application's request is for ${named(
        userId,
      )}. Nothing was
      allowed.
    </p>
    <p>
      An application passes the e-mail address of the signed-in user as <code>user_id</code>. If its
      users have other ids, the project needs its own verifier.
    </p>
    <p><a href="${GRANT_PAGE}?${new URLSearchParams({ flow_id: flowId })}">Back</a></p>
  `;
  return cardLayout("You are signed in as another user", content);
}

/** The result of a decided authorization. */
export function decidedPage({ status }: Authorization): Html {
  switch (status) {
    case "completed":
      return messagePage("Access allowed", "You can close this page.", "success");
    case "failed": {
      const text = "The request was denied, or it expired after an hour.";
      return messagePage("Access denied", text, "problem");
    }
    default:
      return messagePage("Not finished yet", "The application must still confirm who you are.");
  }
}
