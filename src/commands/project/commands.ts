import { group } from "../../cli/declaration.ts";
import { command } from "../shared/command.ts";
import { projectFlags, serviceFlags } from "../shared/flags.ts";

const flags = serviceFlags("coordinator");

const list = command({
  brief: "List the projects of the active organization",
  examples: [
    ["project list", "List them; the active one is marked"],
    ['project list --org "My Team"', "List the projects of another organization"],
    ["project list --json", "Output JSON for scripts"],
  ],
  flags: { org: projectFlags.org, ...flags },
  needs: ["read", "write", "net"],
  capabilities: ["projects:read"],
  load: async () => (await import("./list.ts")).listProjects,
});

const set = command({
  brief: "Choose the project to work in",
  description: "Choose the project to work in, within the active organization. " +
    "A unique prefix of its name is enough.",
  examples: [
    ["project set", "Choose it from a list"],
    ["project set proj_123", "Choose it by its id"],
    ['project set "Default project"', "Choose it by its name"],
  ],
  flags,
  argument: {
    placeholder: "project",
    brief: "The id or name of a project",
    count: "optional",
    values: "projects",
  },
  needs: ["read", "write", "net"],
  load: async () => (await import("./set.ts")).setProject,
});

export const project = group("List projects and choose one", { list, set });
