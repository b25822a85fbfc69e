/** `--hub`: the hub of an identity. */

import { type Flag, requiredFlag, valueFlag } from "../../cli/declaration.ts";

export interface HubFlag {
  readonly hub: string;
}

const BRIEF = "The hub: a host name, with or without a port, or an https address";

// The command parses the hub, so that no message repeats the input.
export const hubFlag: { readonly hub: Flag<string, "always"> } = {
  hub: requiredFlag("url", BRIEF, { values: "hubs" }),
};

export const optionalHubFlag: { readonly hub: Flag<string, "optional"> } = {
  hub: valueFlag("url", BRIEF, { values: "hubs" }),
};
