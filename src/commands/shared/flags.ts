/** Flags shared by several commands. */

import type { AddressFlags } from "../../hosts/urls.ts";
import type { ContextFlag } from "../../auth/stored_login.ts";
import { type Flag, flag, parsedFlag, valueFlag, wholeNumber } from "../../cli/declaration.ts";

/** `--host`, `--port`, `--tls` and `--no-tls`: which server of a service to use. */
export function addressFlags(service: "coordinator" | "engine") {
  return {
    host: valueFlag("name", `Host of the ${service}, with or without a port`),
    port: parsedFlag("number", `Port of the ${service}`, { parse: wholeNumber(1, 65_535) }),
    tls: flag("Use https (default: yes, except on localhost)", { hasNegation: true }),
  };
}

/** `--context`: the stored context whose login a command uses or shows. */
export const contextFlag = {
  context: valueFlag("name", "Context to use instead of the active one", { values: "contexts" }),
};

/** `--org` and `--project`: the project of one command. */
export const projectFlags = {
  org: valueFlag("organization", "Organization for this command, by id or name", {
    values: "organizations",
  }),
  project: valueFlag("project", "Project for this command, by id or name", { values: "projects" }),
};

export interface JsonFlag {
  readonly json?: boolean;
}

/** `--json`: the data and nothing else on stdout. */
export const jsonFlag: { readonly json: Flag<boolean, "optional"> } = {
  json: flag("Output JSON"),
};

/** The program of a server, unless a flag names another one. */
export const ENTRYPOINT = "server.py";

/** The flags of a command that queries a service and prints the result. */
export type ServiceFlags = AddressFlags & ContextFlag & JsonFlag;

export function serviceFlags(service: "coordinator" | "engine") {
  return { ...addressFlags(service), ...contextFlag, ...jsonFlag };
}

/** The flags of a command that queries the engine about a project. */
export const engineFlags = { ...projectFlags, ...serviceFlags("engine") };
