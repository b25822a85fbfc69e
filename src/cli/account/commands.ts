import type { FlagParametersForType } from "@stricli/core";
import { command, plainCommand } from "../command.ts";
import type { Context } from "../context.ts";
import {
  addressFlags,
  type CommonFlags,
  commonFlags,
  type JsonFlag,
  jsonFlag,
  wholeNumber,
} from "../flags.ts";
import type { LoginFlags } from "./login.ts";

/** RFC 8252 7.3; the port that the coordinator expects unless told otherwise. */
const CALLBACK_PORT = 9905;

const loginFlags: FlagParametersForType<LoginFlags, Context> = {
  browser: {
    kind: "boolean",
    optional: true,
    brief: "Open the browser, or print the address only",
  },
  device: {
    kind: "boolean",
    optional: true,
    withNegated: false,
    brief: "Log in with a code, on another device",
  },
  callbackPort: {
    kind: "parsed",
    parse: wholeNumber(0, 65_535),
    default: String(CALLBACK_PORT),
    placeholder: "number",
    brief: "Port on 127.0.0.1 that the browser comes back to",
  },
  timeout: {
    kind: "parsed",
    parse: wholeNumber(1, 86_400),
    optional: true,
    placeholder: "seconds",
    brief: "Seconds to wait for you (default: 600)",
  },
  ...addressFlags("coordinator"),
  ...commonFlags,
};

export const login = command<LoginFlags, []>({
  brief: "Log in to Arcade",
  description: "Log in to Arcade through the browser. Where there is none (SSH, a container), " +
    "you get an address and a code for another device instead. " +
    "Tokens are stored in credentials.yaml in the Arcade folder, for you alone.",
  examples: [
    ["login", "Log in through the browser"],
    ["login --device", "Log in with a code, on another device"],
    ["login --no-browser", "Print the address and wait"],
    ["login --host localhost:8000", "Log in to a local Arcade"],
  ],
  parameters: { flags: loginFlags },
  needs: ["read", "write", "net", "run"],
  isLong: true,
  load: async () => (await import("./login.ts")).login,
});

export const logout = command<CommonFlags, []>({
  brief: "Log out and remove the stored credentials",
  examples: [["logout", "Revoke the login and remove it from this machine"]],
  parameters: { flags: commonFlags },
  needs: ["read", "write", "net"],
  load: async () => (await import("./logout.ts")).logout,
});

export const whoami = plainCommand<JsonFlag>(
  {
    brief: "Show who is logged in, and the active organization and project",
    description: "Show who is logged in, and the active organization and project. " +
      "Reads the stored credentials only; nothing is asked over the network.",
    examples: [
      ["whoami", "Show it"],
      ["whoami --json", "Show it to a program"],
    ],
    parameters: { flags: jsonFlag },
    needs: ["read"],
    load: async () => (await import("./whoami.ts")).whoami,
  },
  ["json"],
  (plain) => plain,
);
