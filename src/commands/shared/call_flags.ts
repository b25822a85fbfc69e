/** The flags of `tool call`. A tool's parameter with the name of one of them needs `--arg` or `--input`. */

import {
  commandFlag,
  flag,
  oneOf,
  parsedFlag,
  repeatableFlag,
  restFlags,
  valueFlag,
} from "../../cli/declaration.ts";
import { engineFlags } from "./flags.ts";
import { waitFlags } from "./wait_flags.ts";

export const callFlags = {
  parameters: restFlags("parameter", "A parameter of the tool, after its name", {
    values: "parameters",
  }),
  arg: repeatableFlag("name=value", "A parameter, even if it is named like a flag of arcade"),
  input: valueFlag("json", "All parameters: a JSON object, @file, or - for stdin"),
  user: valueFlag("id", "The user that the tool acts for (default: you, or ARCADE_USER_ID)"),
  toolVersion: valueFlag("version", "The version of the tool"),
  output: parsedFlag("form", "What to print: value, json (the whole response) or raw", {
    parse: oneOf("value", "json", "raw"),
  }),
  dryRun: flag("Check the inputs and what the tool needs without calling it"),
  yes: flag("Call a destructive tool without asking", { letter: "y" }),
  ...waitFlags,
  ...engineFlags,
  server: valueFlag("url", "Call a tool of the MCP server at this address, without the engine"),
  command: commandFlag("Start an MCP server with this command, and call its tool"),
  envFile: valueFlag("path", "Secrets for that server (default: .env)", { values: "files" }),
  help: flag("Show this help, or the help of the named tool", { letter: "h" }),
};
