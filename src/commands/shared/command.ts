import { type Argument, type Command, command as declare } from "../../cli/declaration.ts";
import type { Declaration, Flags } from "../../cli/declaration.ts";
import type { Capability } from "../../contract/capability.ts";
import type { Context } from "../context.ts";

/** Declares a command with the capabilities that an agent needs for it. They are in its help and its context. */
export function command<
  const F extends Flags = Record<never, never>,
  const A extends Argument | undefined = undefined,
>(
  { capabilities = [], ...declaration }: Declaration<Context, F, A> & {
    readonly capabilities?: readonly Capability[];
  },
): Command<Context> {
  const notes = capabilities.length > 0
    ? [["Capabilities of agents", capabilities.join(", ")] as const]
    : [];
  const forPrograms = { capabilities };
  const declared = declare<Context, F, A>({ notes, forPrograms, ...declaration });
  return {
    ...declared,
    run: (context, values, args) => declared.run({ ...context, capabilities }, values, args),
  };
}
