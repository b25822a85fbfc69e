/** The sign-in pages: the choice of account, the code, and a confirmation after foreign links. */

import { html, raw } from "hono/html";
import type { Account } from "../model/accounts.ts";
import { cardLayout, type Html, named, problemNote, shown } from "./layout.ts";

/** The choice of account and the approval: the page of the code flow and of the device grant. */
export function accountPage(options: {
  title: string;
  text: string | Html;
  userCode?: string;
  action: string;
  hidden: { name: string; value: string };
  accounts: Account[];
  problem?: string | undefined;
}): Html {
  const { title, text, userCode, action, hidden, accounts, problem } = options;
  const wantsNew = problem !== undefined;
  const choices = accounts.map(({ id, email }) => ({ value: id, text: email }));
  const content = html`
    <p>${text}</p>
    ${userCode === undefined ? "" : html`<p class="user-code">${userCode}</p>`}
    ${problemNote(problem)}
    <form method="post" action="${action}">
      <input type="hidden" name="${hidden.name}" value="${hidden.value}">
      ${accountFields(choices, {
        other: "A new account",
        label: "E-mail of the new account",
        wantsOther: wantsNew,
      })}
      <div class="buttons">
        <button name="decision" value="approve">Approve</button>
        <button name="decision" value="deny" class="secondary">Deny</button>
      </div>
    </form>
  `;
  return cardLayout(title, content);
}

/**
 * The fields of a form that choose an account: `account`, which is `new` for another one, and its `email`.
 *
 * @param options.wantsOther whether another account is preselected.
 */
export function accountFields(
  accounts: readonly { readonly value: string; readonly text: string }[],
  { other, label, wantsOther }: {
    readonly other: string;
    readonly label: string;
    readonly wantsOther: boolean;
  },
): Html {
  const choices = accounts.map((one, index) => ({ ...one, checked: index === 0 && !wantsOther }));
  return html`
    <div class="accounts" role="radiogroup" aria-label="Account">
      ${shown(choices, "account", accountChoice)}
      ${accountChoice({ value: "new", text: other, checked: wantsOther })}
    </div>
    <div class="new-account">
      <label for="email">${label}</label>
      <input
        id="email"
        name="email"
        maxlength="254"
        autocomplete="off"
        spellcheck="false"
        inputmode="email"
        placeholder="you@example.com"
      >
      <p class="quiet">It stays on this machine. No e-mail is sent.</p>
    </div>
  `;
}

function accountChoice(choice: { value: string; text: string; checked: boolean }): Html {
  return html`
    <label class="choice">
      <input type="radio" name="account" value="${choice.value}" ${choice.checked
        ? raw("checked")
        : ""}>
      ${named(choice.text)}
    </label>
  `;
}

/** Asks for the code in the terminal of the local Arcade; `next` is the page that follows. */
export function codePage(options: { action: string; next: string; problem?: string }): Html {
  const { action, next, problem } = options;
  const content = html`
    <p>
      The terminal with <code>arcade local serve</code> shows a code, and an address that
      works once. Enter the code, or open that address.
    </p>
    ${problemNote(problem)}
    <form method="post" action="${action}">
      <input type="hidden" name="next" value="${next}">
      <label for="code">Code from the terminal</label>
      ${codeField("code")}
      <div class="buttons"><button>Continue</button></div>
    </form>
  `;
  return cardLayout("Is this your local Arcade?", content);
}

/** Asks for confirmation after a link from another website. */
export function continuePage(path: string): Html {
  const content = html`
    <p>Another website sent you here. Continue only if you expected that.</p>
    <p><a href="${path}">Continue</a></p>
  `;
  return cardLayout("Go to your local Arcade?", content);
}

/** Asks for the code that a device shows. */
export function userCodePage(action: string, problem?: string): Html {
  const content = html`
    ${problemNote(problem)}
    <form method="get" action="${action}">
      <label for="user_code">Code from the device</label>
      ${codeField("user_code")}
      <div class="buttons"><button>Continue</button></div>
    </form>
  `;
  return cardLayout("Sign in a device", content);
}

function codeField(name: string): Html {
  return html`
    <input
      id="${name}"
      name="${name}"
      required
      maxlength="20"
      autocomplete="off"
      autocapitalize="characters"
      spellcheck="false"
      placeholder="XXXX-XXXX"
      class="user-code"
    >
  `;
}
