import type { HttpContext } from "../../api/exchange.ts";
import type { Context } from "../context.ts";

/** A context whose requests Ctrl-C ends. */
export interface Interruptible extends Context {
  readonly http: HttpContext & { readonly signal: AbortSignal };
}

/**
 * Makes the requests of a command end with Ctrl-C.
 *
 * @param limits.commandMs how long the command may wait for servers altogether.
 */
export function interruptible(
  context: Context,
  limits: Pick<HttpContext, "commandMs"> = {},
): Interruptible {
  const signal = context.signals.interruption();
  return { ...context, http: { ...context.http, ...limits, signal } };
}
