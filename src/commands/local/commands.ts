import {
  command,
  defaultFlag,
  flag,
  group,
  text,
  valueFlag,
  wholeNumber,
} from "../../cli/declaration.ts";
import { jsonFlag } from "../shared/flags.ts";

const serve = command({
  brief: "Run a local Arcade until Ctrl-C",
  description:
    "Run a local Arcade until Ctrl-C: sign-in page, organizations, projects, secrets and the " +
    "servers that you deploy to it, without an account and without a network. It prints the command that logs in to it, the " +
    "address of its dashboard, which lets one browser in, and a code for others.",
  examples: [
    ["local serve", "Serve on port 8000 and keep the data"],
    ["local serve --ephemeral --port 0", "Serve on a free port and forget everything at the end"],
    ["local serve --env", "Print the variables for SDKs and servers too"],
    [
      "local serve --auto-approve --json",
      "Serve for a script, which reads the address from stdout",
    ],
  ],
  flags: {
    port: defaultFlag("number", "Port to listen on; 0 takes a free one", {
      parse: wholeNumber(0, 65_535),
      default: "8000",
    }),
    bind: defaultFlag("address", "Address to listen on", { parse: text, default: "127.0.0.1" }),
    data: valueFlag("folder", "Folder of the data (default: ~/.arcade/local)", { values: "files" }),
    ephemeral: flag("Keep data in a temporary folder and forget it"),
    autoApprove: flag("Let everybody in and approve every login, for tests"),
    tokenTtl: defaultFlag("seconds", "How long an access token lives", {
      parse: wholeNumber(1, 31_536_000),
      default: "3600",
    }),
    env: flag("Print environment variables for SDKs and servers; JSON always has them"),
    ...jsonFlag,
  },
  exclusions: [{
    flag: "--ephemeral",
    excludes: ["--data"],
    next: "Use `--data` to keep the data, or `--ephemeral` to discard it",
  }],
  needs: ["read", "write", "net", "run"],
  isLong: true,
  load: async () => (await import("./serve.ts")).serve,
});

export const local = group("Run a local Arcade, without an account or a network", { serve });
