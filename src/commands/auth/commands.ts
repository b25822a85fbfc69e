import {
  flag,
  group,
  parsedFlag,
  repeatableFlag,
  valueFlag,
  wholeNumber,
} from "../../cli/declaration.ts";
import { command } from "../shared/command.ts";
import { ignoreMissingFlag } from "../shared/existing.ts";
import { engineFlags as flags } from "../shared/flags.ts";
import { WAIT_SECONDS, waitExclusion, waitFlags } from "../shared/wait_flags.ts";

const userFlag = { user: valueFlag("id", "The user (default: you, or ARCADE_USER_ID)") };

const start = command({
  brief: "Ask a user to grant tools access",
  description:
    "Ask a user to grant tools a provider's scopes. On a terminal, it opens the page and " +
    "waits. Elsewhere, it prints the address and the id, and exits.",
  examples: [
    ["auth start github --scope repo", "Grant it yourself"],
    [
      "auth start google --scope openid --user ada@example.com --no-wait",
      "Get the address for another user",
    ],
    ["auth start github --scope repo --json", "Output the id and the address for scripts"],
  ],
  argument: { placeholder: "provider", brief: "The provider, as tools name it", count: "one" },
  flags: {
    scope: repeatableFlag("scope", "A scope to grant"),
    ...userFlag,
    ...waitFlags,
    ...flags,
  },
  exclusions: [waitExclusion],
  needs: ["read", "write", "net", "run"],
  capabilities: ["grants:write"],
  load: async () => (await import("./start_grant.ts")).startGrant,
});

const status = command({
  brief: "Show whether a user has granted access",
  examples: [
    ["auth status ac_123", "Show it"],
    ["auth status ac_123 --wait", "Wait until the user has decided"],
  ],
  argument: { placeholder: "id", brief: "The id, as `auth start` prints it", count: "one" },
  flags: {
    wait: parsedFlag("seconds", `Wait until the user has decided (${WAIT_SECONDS} s)`, {
      parse: wholeNumber(1, 86_400),
      bare: String(WAIT_SECONDS),
    }),
    ...flags,
  },
  needs: ["read", "write", "net"],
  capabilities: ["grants:read"],
  load: async () => (await import("./status.ts")).showStatus,
});

const list = command({
  brief: "List what users have granted",
  examples: [
    ["auth list", "List the grants of all users of the project"],
    ["auth list --user ada@example.com --json", "Output the grants of one user as JSON"],
  ],
  flags: { user: valueFlag("id", "List only the grants of this user"), ...flags },
  needs: ["read", "write", "net"],
  capabilities: ["grants:read"],
  load: async () => (await import("./list.ts")).listGrants,
});

const revoke = command({
  brief: "Revoke what a user has granted",
  examples: [
    ["auth revoke uc_123", "Revoke it, after a confirmation"],
    ["auth revoke uc_123 --yes --ignore-missing", "Revoke it in a script that can run twice"],
  ],
  argument: { placeholder: "id", brief: "The id, as `auth list` shows it", count: "one" },
  flags: {
    ...ignoreMissingFlag,
    yes: flag("Do not ask for confirmation", { letter: "y" }),
    ...flags,
  },
  needs: ["read", "write", "net"],
  capabilities: ["grants:read", "grants:write"],
  load: async () => (await import("./revoke.ts")).revokeGrant,
});

export const auth = group("Ask users to grant tools access, and list or revoke grants", {
  start,
  status,
  list,
  revoke,
});
