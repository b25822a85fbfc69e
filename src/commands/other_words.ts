/** Words of other programs that users may type instead of arcade's. Loaded after a mistake. */

import type { OtherWords } from "../cli/program.ts";

const SYNONYMS: OtherWords["synonyms"] = [
  [["rm", "del", "delete", "remove", "erase", "drop", "clear", "unset", "ungrant"], [
    "unset",
    "remove",
    "delete",
    "revoke",
  ]],
  [["edit", "update", "change", "set"], ["edit", "set", "add"]],
  [["add", "create", "new", "put", "save", "store"], ["add", "set", "create"]],
  [["init", "create", "scaffold"], ["new"]],
  [["ls", "all", "dir"], ["list"]],
  [["get", "show", "view", "info", "describe", "print"], ["get", "list", "show", "status"]],
  [["find"], ["search"]],
  [["use", "switch", "select", "choose", "activate"], ["set"]],
  [["status", "me", "user", "account", "session"], ["whoami"]],
  [["signin"], ["login"]],
  [["signout", "logoff", "exit", "quit"], ["logout"]],
  [["start", "run", "up"], ["serve"]],
  [["run", "execute", "invoke"], ["call"]],
  [["grant", "request"], ["start"]],
  [["down", "kill"], ["stop"]],
  [["on", "in", "optin"], ["enable"]],
  [["off", "out", "optout"], ["disable"]],
  [["upgrade"], ["update"]],
  [["organization", "organizations", "team"], ["org"]],
  [["env", "vars", "variable", "variables"], ["environment", "secret"]],
];
const WRAPPERS = new Set(["auth", "account", "user", "session"]);

/** Commands of the Python CLI that do not exist here. */
const PYTHON_ONLY = new Set([
  "evals",
]);

export const OTHER_WORDS: OtherWords = {
  synonyms: SYNONYMS,
  wrappers: WRAPPERS,
  elsewhere: (word) =>
    PYTHON_ONLY.has(word)
      ? {
        message: `\`${word}\` exists only in the Python CLI`,
        hint: `Run it with \`uvx arcade-mcp ${word}\`.`,
      }
      : undefined,
};
