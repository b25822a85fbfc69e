import { command, group, plainCommand } from "../command.ts";
import { type ServiceFlags, serviceFlags } from "../flags.ts";

const flags = serviceFlags("coordinator");

const list = plainCommand<ServiceFlags>(
  {
    brief: "List the organizations you belong to",
    description: "List the organizations you belong to. Agents need the capability orgs:read.",
    examples: [
      ["org list", "Show them; the active one is marked"],
      ["org list --json", "Show them to a program"],
    ],
    parameters: { flags },
    needs: ["read", "write", "net"],
    load: async () => (await import("./list.ts")).listOrganizations,
  },
  ["json"],
  (plain) => plain,
);

const set = command<ServiceFlags, [string]>({
  brief: "Choose the organization to work in",
  description:
    "Choose the organization to work in. Its default project becomes the active project.",
  examples: [
    ["org set org_123", "Choose it by its id"],
    ['org set "My Team"', "Choose it by its name"],
  ],
  parameters: {
    flags,
    positional: {
      kind: "tuple",
      parameters: [{
        parse: String,
        placeholder: "organization",
        brief: "Id or name of the organization",
      }],
    },
  },
  needs: ["read", "write", "net"],
  load: async () => (await import("./set.ts")).setOrganization,
});

export const org = group("List organizations and choose one", { list, set });
