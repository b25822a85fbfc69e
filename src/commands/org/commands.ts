import { group } from "../../cli/declaration.ts";
import { command } from "../shared/command.ts";
import { serviceFlags } from "../shared/flags.ts";

const flags = serviceFlags("coordinator");

const list = command({
  brief: "List the organizations that you belong to",
  examples: [
    ["org list", "List them; the active one is marked"],
    ["org list --json", "Output JSON for scripts"],
  ],
  flags,
  needs: ["read", "write", "net"],
  capabilities: ["orgs:read"],
  load: async () => (await import("./list.ts")).listOrganizations,
});

const set = command({
  brief: "Choose the organization to work in",
  description: "Choose the organization to work in. Its default project becomes the active one. " +
    "A unique prefix of its name is enough.",
  examples: [
    ["org set", "Choose it from a list"],
    ["org set org_123", "Choose it by its id"],
    ['org set "My Team"', "Choose it by its name"],
  ],
  flags,
  argument: {
    placeholder: "organization",
    brief: "The id or name of an organization",
    count: "optional",
    values: "organizations",
  },
  needs: ["read", "write", "net"],
  load: async () => (await import("./set.ts")).setOrganization,
});

export const org = group("List organizations and choose one", { list, set });
