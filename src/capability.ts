/** What an agent has to be capable of for a command. */
export type Capability = "orgs:read" | "projects:read" | "secrets:read" | "secrets:write";
