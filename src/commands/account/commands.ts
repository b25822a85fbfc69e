import { defaultFlag, flag, parsedFlag, valueFlag, wholeNumber } from "../../cli/declaration.ts";
import { command } from "../shared/command.ts";
import { addressFlags, contextFlag, jsonFlag } from "../shared/flags.ts";

/** The flags of commands that log in. */
export const LOGIN_FLAGS = {
  browser: flag("Open the browser (default: on a terminal), or only print the address", {
    hasNegation: true,
  }),
  device: flag("Log in with a code on another device"),
  // RFC 8252 7.3; the coordinator expects this port by default.
  callbackPort: defaultFlag("number", "Port on 127.0.0.1 that the browser redirects to", {
    parse: wholeNumber(0, 65_535),
    default: "9905",
  }),
  timeout: parsedFlag("seconds", "How long to wait for you (default: 600)", {
    parse: wholeNumber(1, 86_400),
  }),
  noWait: flag("Print an address and a code for another device, and exit"),
  context: valueFlag("name", "Context to store the login in", { values: "contexts" }),
  ...jsonFlag,
};

/** Which flags of commands that log in exclude each other. */
export const LOGIN_EXCLUSIONS = [{
  flag: "--device",
  excludes: ["--no-browser"],
  next: "Use `--no-browser` to print the address, or `--device` to get a code",
}, {
  flag: "--no-wait",
  excludes: ["--browser", "--no-browser"],
  next: "Leave out the browser flag; the code can be approved on any device",
}];

const ADDRESS_FLAGS = ["--host", "--port", "--tls", "--no-tls"];

export const login = command({
  brief: "Log in to Arcade",
  description: "Log in to Arcade through the browser. Without a browser (over SSH, in a " +
    "container), it prints an address and a code for another device instead. " +
    "Tokens are stored in credentials.yaml in the Arcade folder, readable only by you.",
  examples: [
    ["login", "Log in through the browser"],
    ["login --device", "Log in with a code on another device"],
    ["login --no-browser", "Print the address, and wait"],
    ["login --url https://arcade.example.com", "Log in to a self-hosted Arcade server"],
    ["login --local", "Log in to the local Arcade on this machine"],
    ["login --no-wait --json", "Output an address and a code for a user to approve, and exit"],
    ["login --resume", "Finish that login after it was approved"],
  ],
  flags: {
    url: valueFlag("address", "Address of a self-hosted Arcade server"),
    local: flag("Log in to the local Arcade on this machine"),
    ...LOGIN_FLAGS,
    resume: flag("Finish a login started with --no-wait; waits on a terminal or with --timeout"),
    ...addressFlags("coordinator"),
  },
  exclusions: [
    ...LOGIN_EXCLUSIONS,
    {
      flag: "--resume",
      excludes: [
        "--no-wait",
        "--device",
        "--browser",
        "--no-browser",
        "--local",
        "--url",
        ...ADDRESS_FLAGS,
      ],
      next: "Use `--resume` alone or with `--context`; the login already has these settings",
    },
    {
      flag: "--local",
      excludes: ["--url"],
      next: "Use `--url` for a local Arcade with other data or on another machine",
    },
    ...["--local", "--url"].map((flag) => ({
      flag,
      excludes: ADDRESS_FLAGS,
      next: `Use \`${flag}\` alone; it finds the services`,
    })),
  ],
  needs: ["read", "write", "net", "run"],
  isLong: true,
  load: async () => (await import("./login.ts")).login,
});

export const logout = command({
  brief: "Log out and remove the stored credentials",
  examples: [
    ["logout", "Revoke the login and remove it from this machine"],
    ["logout --all", "Log out of all contexts"],
  ],
  flags: { all: flag("Log out of all contexts"), ...contextFlag },
  exclusions: [{
    flag: "--all",
    excludes: ["--context"],
    next: "Use `--context` to log out of one context",
  }],
  needs: ["read", "write", "net"],
  load: async () => (await import("./logout.ts")).logout,
});

export const whoami = command({
  brief: "Show the current user, organization and project",
  description: "Show the current user, the active organization and project, and the engine that " +
    "receives requests. Reads only the stored credentials and sends no request, unless you pass " +
    "`--check`.",
  examples: [
    ["whoami", "Show them"],
    ["whoami --check", "Ask the server whether it accepts the credential"],
    ["whoami --json", "Output JSON for scripts"],
  ],
  flags: {
    check: flag("Ask the server whether it accepts the credential", { needs: ["write", "net"] }),
    ...contextFlag,
    ...jsonFlag,
  },
  needs: ["read"],
  load: async () => (await import("./whoami.ts")).whoami,
});
