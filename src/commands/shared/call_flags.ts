/** The flags of `tool call`. A parameter of a tool with the name of one is given in another way. */

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
  arg: repeatableFlag("name=value", "Any parameter, whatever its name"),
  input: valueFlag("json", "All parameters: a JSON object, @file, or - for stdin"),
  user: valueFlag("id", "The user that it acts for (default: you, or ARCADE_USER_ID)"),
  toolVersion: valueFlag("version", "The version of the tool"),
  output: parsedFlag("form", "What to print: value, json (the whole answer) or raw", {
    parse: oneOf("value", "json", "raw"),
  }),
  dryRun: flag("Check the inputs and what the tool needs, and do not call it"),
  yes: flag("Call a destructive tool without asking", { letter: "y" }),
  ...waitFlags,
  ...engineFlags,
  server: valueFlag("url", "Call a tool of the MCP server at this address, without the engine"),
  command: commandFlag("The same with an MCP server that this command starts"),
  envFile: valueFlag("path", "Secrets for such a server (default: .env)", { values: "files" }),
  help: flag("Show this help; with a name, the help of the tool", { letter: "h" }),
};
