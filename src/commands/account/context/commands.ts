import { flag, group } from "../../../cli/declaration.ts";
import { command } from "../../shared/command.ts";
import { LOGIN_EXCLUSIONS, LOGIN_FLAGS } from "../commands.ts";
import { ifNotExistsFlag, ignoreMissingFlag } from "../../shared/existing.ts";
import { jsonFlag } from "../../shared/flags.ts";

const argument = {
  placeholder: "name",
  brief: "The name of a context",
  count: "one",
  values: "contexts",
} as const;

const list = command({
  brief: "List the contexts",
  examples: [
    ["context list", "List them; the active one is marked"],
    ["context list --json", "Output JSON for scripts"],
  ],
  flags: jsonFlag,
  needs: ["read"],
  load: async () => (await import("./list.ts")).listContexts,
});

const set = command({
  brief: "Choose the context to work in",
  description: "Choose the context to work in: the installation of Arcade, and the login there. " +
    "A unique prefix of its name is enough.",
  examples: [
    ["context set", "Choose it from a list"],
    ["context set default", "Go back to the first login"],
  ],
  flags: jsonFlag,
  argument: {
    ...argument,
    brief: "The name of a context; without it, you choose from a list",
    count: "optional",
  },
  needs: ["read", "write"],
  load: async () => (await import("./set.ts")).setContext,
});

const show = command({
  brief: "Show a context",
  description:
    "Show a context: its addresses, and the login there. Without a name, the active one.",
  examples: [
    ["context show", "Show the active context"],
    ["context show default --json", "Output JSON for scripts"],
  ],
  flags: jsonFlag,
  argument: { ...argument, count: "optional" },
  needs: ["read"],
  load: async () => (await import("./show.ts")).showContext,
});

const remove = command({
  brief: "Delete a context, and revoke its login",
  description:
    "Delete a context, and revoke its login. Asks first on a terminal, unless you pass " +
    "`--yes`.",
  examples: [
    ["context delete arcade.example.com", "Delete it, after a confirmation"],
    ["context delete arcade.example.com --yes", "Delete it without asking"],
  ],
  flags: {
    ...ignoreMissingFlag,
    yes: flag("Do not ask for confirmation", { letter: "y" }),
    ...jsonFlag,
  },
  argument: {
    ...argument,
    brief: "The name of a context; without it, you choose from a list",
    count: "optional",
  },
  needs: ["read", "write", "net"],
  load: async () => (await import("./delete.ts")).deleteContext,
});

const add = command({
  brief: "Log in to another installation of Arcade",
  description: "Log in to another installation of Arcade, as `arcade login --url` does. " +
    "The context is named after its host, unless you choose another name.",
  examples: [
    ["context add https://arcade.example.com", "Log in, and switch to that context"],
    ["context add arcade.example.com --context work", "Name the context `work`"],
    ["context add arcade.example.com --if-not-exists", "Log in only if there is no context yet"],
  ],
  flags: { ...LOGIN_FLAGS, ...ifNotExistsFlag },
  exclusions: LOGIN_EXCLUSIONS,
  argument: { placeholder: "url", brief: "The address of the installation", count: "one" },
  needs: ["read", "write", "net", "run"],
  isLong: true,
  load: async () => (await import("./add.ts")).addContext,
});

export const context = group(
  "Switch between installations of Arcade",
  { list, set, show, delete: remove, add },
  { use: "set" },
);
