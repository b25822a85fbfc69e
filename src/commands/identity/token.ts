import { Failure } from "../../failure.ts";
import { parseHub } from "../../hosts/hub.ts";
import type { Context } from "../context.ts";
import type { HubFlag } from "./hub_flag.ts";
import { requireToken } from "../../auth/identity_token.ts";
import { requireIdentity } from "./stored.ts";

/** Prints the token for a hub, and nothing else. */
export function printToken(
  context: Context,
  flags: HubFlag & { readonly force?: boolean },
): void {
  const hub = parseHub(flags.hub);
  if (context.io.stdout.isTerminal && !flags.force) {
    throw new Failure("usage", "Refusing to print a token to a terminal", {
      next: "Pipe it, or use `--force`",
    });
  }
  const token = requireToken(requireIdentity(context, hub), context.clock.now());
  context.io.stdout.write(`${token.reveal()}\n`);
}
