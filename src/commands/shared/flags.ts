/** Flags shared by several commands, and the output of `--json`. */

import type { AddressFlags } from "../../hosts/urls.ts";
import type { ContextFlag } from "../../auth/stored_login.ts";
import { printableJson } from "../../terminal/safe_text.ts";
import { shellWord } from "../../text/shell_word.ts";
import type { Context } from "../context.ts";
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

/**
 * The flags that name the same server, context and project again, for the command line of a hint; empty without them.
 *
 * @example
 * ```ts
 * sameProject({ project: "My project", port: 9099 }); // " --project 'My project' --port 9099"
 * ```
 */
export function sameProject(
  flags: AddressFlags & ContextFlag & { readonly org?: string; readonly project?: string },
): string {
  const { context, org, project, host, port, tls } = flags;
  const named = Object.entries({ context, org, project, host, port })
    .map(([name, value]) => value === undefined ? "" : ` --${name} ${shellWord(String(value))}`);
  return named.join("") + (tls === undefined ? "" : tls ? " --tls" : " --no-tls");
}

/** The flags of a command that queries a service and prints the result. */
export type ServiceFlags = AddressFlags & ContextFlag & JsonFlag;

export function serviceFlags(service: "coordinator" | "engine") {
  return { ...addressFlags(service), ...contextFlag, ...jsonFlag };
}

/** The flags of a command that queries the engine about a project. */
export const engineFlags = { ...projectFlags, ...serviceFlags("engine") };

/** Prints JSON for programs. */
export function writeJson(context: Context, data: unknown): void {
  context.stdout.write(`${printableJson(data)}\n`);
}
