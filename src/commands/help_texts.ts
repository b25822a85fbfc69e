/** Help texts that are not part of a command's declaration. Loaded on demand. */

import type { HelpTexts } from "../cli/program.ts";
import { DOCUMENTATION_URL } from "../version.ts";
import { TOPIC_TEXTS } from "./topics.ts";

const SUMMARY =
  "Write MCP servers, call their tools, deploy them to Arcade, and connect MCP clients.";

const EXAMPLES: HelpTexts["examples"] = [
  ["new weather", "Create a server with three tools, and their tests"],
  ["dev", "Run it while you write it, and see each change at once"],
  ["local serve", "Try everything on a local Arcade, without an account"],
  ["login", "Log in to Arcade through the browser"],
  ["deploy", "Deploy the server in this folder"],
  ["tool call Weather.Forecast --help", "Show how to call a tool"],
  ["connect claude-code --server Weather", "Connect an MCP client to its tools"],
];

const GROUPS: HelpTexts["groups"] = [
  ["START", [
    ...["login", "whoami", "org", "project", "context", "identity", "logout", "dashboard"],
  ]],
  ["SERVERS", ["new", "dev", "mcp", "deploy", "server", "secret"]],
  ["TOOLS", ["tool", "show", "auth"]],
  ["MCP CLIENTS", ["configure", "connect", "gateway"]],
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
    "Report a problem where you got arcade, and include the output of --debug",
  ],
  ofCommands: ["arcade help exit-codes", "arcade help errors", "arcade help environment"],
};
