import type { CommandEntry, GroupEntry } from "./command.ts";

/** The first words of command lines, in the order of the help, and how what they name is loaded. */
export const ROUTES = new Map<string, () => Promise<CommandEntry | GroupEntry>>([
  ["login", async () => (await import("./account/commands.ts")).login],
  ["logout", async () => (await import("./account/commands.ts")).logout],
  ["whoami", async () => (await import("./account/commands.ts")).whoami],
  ["org", async () => (await import("./org/commands.ts")).org],
  ["project", async () => (await import("./project/commands.ts")).project],
  ["secret", async () => (await import("./secret/commands.ts")).secret],
  ["identity", async () => (await import("./identity/commands.ts")).identity],
  ["local", async () => (await import("./local/commands.ts")).local],
  ["telemetry", async () => (await import("./telemetry/commands.ts")).telemetry],
]);

/** The groups: words that are followed by a command of their own. */
export const GROUPS: ReadonlySet<string> = new Set([
  "org",
  "project",
  "secret",
  "identity",
  "local",
  "telemetry",
]);
