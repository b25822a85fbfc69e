import { aborted } from "../../system/waiting.ts";
import type { Context } from "../context.ts";

/** The actions of keys. */
export type KeyActions = Readonly<Record<string, () => Promise<void> | void>>;

/** Whether a user is present at a terminal whose keys can be read. */
export function hasKeys({ io: { stdin, stdout, json } }: Context): boolean {
  return stdin.isTerminal && stdout.isTerminal && !json;
}

/** Runs the actions of the pressed keys, one after the other, until the signal is aborted. Ctrl-C remains a signal. */
export async function listenToKeys(
  { io: { keyboard } }: Context,
  actions: KeyActions,
  signal: AbortSignal,
): Promise<void> {
  const over = aborted(signal);
  const decoder = new TextDecoder();
  try {
    while (!signal.aborted) {
      keyboard.begin();
      keyboard.end();
      const bytes = await keyboard.next(over);
      if (!bytes) return; // the terminal is gone
      const [key = ""] = decoder.decode(bytes);
      if (Object.hasOwn(actions, key)) await actions[key]?.();
    }
  } finally {
    await keyboard.release();
  }
}
