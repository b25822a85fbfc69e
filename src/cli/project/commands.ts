import { command, group, plainCommand } from "../command.ts";
import { type ServiceFlags, serviceFlags } from "../flags.ts";

const flags = serviceFlags("coordinator");

const list = plainCommand<ServiceFlags>(
  {
    brief: "List the projects of the active organization",
    description: "List the projects of the active organization. " +
      "Agents need the capability projects:read.",
    examples: [
      ["project list", "Show them; the active one is marked"],
      ["project list --json", "Show them to a program"],
    ],
    parameters: { flags },
    needs: ["read", "write", "net"],
    load: async () => (await import("./list.ts")).listProjects,
  },
  ["json"],
  (plain) => plain,
);

const set = command<ServiceFlags, [string]>({
  brief: "Choose the project to work in",
  description: "Choose the project to work in, one of the active organization.",
  examples: [
    ["project set proj_123", "Choose it by its id"],
    ['project set "Default project"', "Choose it by its name"],
  ],
  parameters: {
    flags,
    positional: {
      kind: "tuple",
      parameters: [{ parse: String, placeholder: "project", brief: "Id or name of the project" }],
    },
  },
  needs: ["read", "write", "net"],
  load: async () => (await import("./set.ts")).setProject,
});

export const project = group("List projects and choose one", { list, set });
