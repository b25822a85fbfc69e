/** Texts of the help that are not in the declarations. Loaded on demand. */

import type { HelpTexts } from "../cli/program.ts";
import { DOCUMENTATION_URL } from "../version.ts";
import { TOPIC_TEXTS } from "./topics.ts";

const SUMMARY =
  "Log in to Arcade, choose a project, manage its secrets, and deploy and watch its servers.";

const EXAMPLES: HelpTexts["examples"] = [
  ["login", "Log in through the browser"],
  ["secret set --from-env", "Store every secret of the .env file in this folder"],
  ["secret list --json", "Output the secrets of the active project as JSON"],
  ["local serve", "Try everything without an account, on a local Arcade"],
];

const GROUPS: HelpTexts["groups"] = [
  ["START", [
    ...["login", "whoami", "org", "project", "context", "identity", "logout", "dashboard"],
  ]],
  ["SERVERS", ["new", "mcp", "configure", "connect", "deploy", "server", "secret"]],
  ["TOOLS", ["tool", "show", "auth", "gateway"]],
  ["SCRIPTS", ["api", "completion"]],
  ["THIS MACHINE", ["local", "doctor", "update", "telemetry", "version", "help"]],
];

export const HELP_TEXTS: HelpTexts = {
  summary: SUMMARY,
  groups: GROUPS,
  examples: EXAMPLES,
  topics: TOPIC_TEXTS,
  learnMore: [
    `Documentation: ${DOCUMENTATION_URL}`,
    "Report a problem: where you got arcade from, with the output of --debug",
  ],
  ofCommands: ["arcade help exit-codes", "arcade help errors", "arcade help environment"],
};
