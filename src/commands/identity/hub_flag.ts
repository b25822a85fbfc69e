/** `--hub`: which hub an identity is for. */

import { type Flag, requiredFlag, valueFlag } from "../../cli/declaration.ts";

export interface HubFlag {
  readonly hub: string;
}

const BRIEF = "The hub: a host name, with or without a port, or an https address";

// A hub is parsed by the command, whose messages do not repeat what was typed.
export const hubFlag: { readonly hub: Flag<string, "always"> } = {
  hub: requiredFlag("url", BRIEF),
};

export const optionalHubFlag: { readonly hub: Flag<string, "optional"> } = {
  hub: valueFlag("url", BRIEF),
};
