import type { FlagParametersForType } from "@stricli/core";
import { command, group } from "../command.ts";
import type { Context } from "../context.ts";
import { jsonFlag, wholeNumber } from "../flags.ts";
import type { ServeFlags } from "./serve.ts";

const serveFlags: FlagParametersForType<ServeFlags, Context> = {
  port: {
    kind: "parsed",
    parse: wholeNumber(0, 65_535),
    default: "8000",
    placeholder: "number",
    brief: "Port to listen on; 0 takes a free one",
  },
  bind: {
    kind: "parsed",
    parse: String,
    default: "127.0.0.1",
    placeholder: "address",
    brief: "Address to listen on, loopback by default",
  },
  data: {
    kind: "parsed",
    parse: String,
    optional: true,
    placeholder: "folder",
    brief: "Folder of the data (default: ~/.arcade/local)",
  },
  ephemeral: {
    kind: "boolean",
    optional: true,
    withNegated: false,
    brief: "Keep data in a temporary folder and forget it",
  },
  autoApprove: {
    kind: "boolean",
    optional: true,
    withNegated: false,
    brief: "Let everybody in and approve every login, for tests",
  },
  tokenTtl: {
    kind: "parsed",
    parse: wholeNumber(1, 31_536_000),
    default: "3600",
    placeholder: "seconds",
    brief: "How long an access token lives",
  },
  ...jsonFlag,
};

const serve = command<ServeFlags, []>({
  brief: "Run a local Arcade until Ctrl-C",
  description:
    "Run a local Arcade until Ctrl-C: sign-in page, organizations, projects and secrets, " +
    "without an account and without a network. It prints the environment variables that point arcade at it, " +
    "the address of its dashboard, which lets one browser in, and a code that lets in any other.",
  examples: [
    ["local serve", "Serve on port 8000 and keep the data"],
    ["local serve --ephemeral --port 0", "Serve on a free port and forget everything at the end"],
    [
      "local serve --auto-approve --json",
      "Serve for a script, which reads the address from stdout",
    ],
  ],
  parameters: { flags: serveFlags },
  needs: ["read", "write", "net"],
  isLong: true,
  load: async () => (await import("./serve.ts")).serve,
});

export const local = group("Run a local Arcade, without an account and without a network", {
  serve,
});
