/** The signals of the real process. */

import { Failure } from "../failure.ts";
import type { Signals } from "../system/signals.ts";

export interface ProcessSignals extends Signals {
  /** From now on, reports a signal that nothing else handles. Without a listener, it silently ends the process. */
  readonly tellUnhandled: () => void;
}

/**
 * The signals that ask this process to end.
 *
 * @param options.end ends this process as a signal does, with its message.
 * @param options.json whether that message is for a program, which gets it in any case.
 */
export function listenToSignals(
  { end, json }: { readonly end: (reason: Failure) => Promise<never>; readonly json: boolean },
): ProcessSignals {
  const endNow = () => end(cancelled());
  let isHandled = false;
  let interruption: AbortSignal | undefined;
  let isHangupIgnored = Promise.resolve(false);
  let tellsUnhandled = false;
  const tellUnhandled = () => {
    if (tellsUnhandled) return;
    tellsUnhandled = true;
    const endUnhandled = () => void (isHandled || endNow());
    for (const signal of INTERRUPTIONS) Deno.addSignalListener(signal, endUnhandled);
  };
  return {
    tellUnhandled,
    prepare({ mayOutliveTerminal }) {
      // Precedes every listener: with the first one, newer runtimes no longer ignore SIGHUP.
      if (mayOutliveTerminal) isHangupIgnored = ignoresHangup();
      if (json) tellUnhandled();
    },
    interruption() {
      isHandled = true;
      return interruption ??= listenForInterruption(isHangupIgnored);
    },
    async deferInterrupts(work) {
      const before = isHandled;
      isHandled = true;
      try {
        return await deferInterrupts(work, { end: endNow, isHangupIgnored });
      } finally {
        isHandled = before;
      }
    },
    async onSignal(listener) {
      isHandled = true;
      for (const signal of INTERRUPTIONS) Deno.addSignalListener(signal, () => listener(signal));
      await addHangupListener(() => listener(HANGUP), isHangupIgnored);
    },
  };
}

/** The signals that end a process: Ctrl-C, and `kill` or Ctrl-Break. For a closed terminal, see {@link HANGUP}. */
const INTERRUPTIONS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM"];
/** The terminal was closed. */
const HANGUP = "SIGHUP";

/**
 * Whether SIGHUP was ignored when this process started, as under `nohup`. Only a child that inherits the disposition can
 * tell, because adding a listener overrides it.
 */
async function ignoresHangup(): Promise<boolean> {
  if (Deno.build.os === "windows") return false;
  try {
    const { success } = await new Deno.Command("/bin/sh", {
      args: ["-c", "kill -HUP $$"],
      clearEnv: true,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn().status;
    return success;
  } catch {
    return false; // no shell, or permission already dropped
  }
}

/** Listens to all signals that ask this process to end; to SIGHUP only if it was not ignored at the start. */
function addInterruptionListener(listener: () => void, isHangupIgnored: Promise<boolean>): void {
  for (const signal of INTERRUPTIONS) Deno.addSignalListener(signal, listener);
  addHangupListener(listener, isHangupIgnored);
}

function addHangupListener(
  listener: () => void,
  isHangupIgnored: Promise<boolean>,
): Promise<void> {
  return isHangupIgnored.then((isIgnored) => {
    try {
      Deno.addSignalListener(HANGUP, isIgnored ? ignore : listener);
    } catch (error) {
      if (Deno.build.os !== "windows") throw error; // older runtimes do not support it on Windows
    }
  });
}

/** Newer runtimes may exit on SIGHUP when it has no listener. */
function ignore(): void {}

function cancelled(): Failure {
  return new Failure("interrupted", "Cancelled");
}

function listenForInterruption(isHangupIgnored: Promise<boolean>): AbortSignal {
  const controller = new AbortController();
  const interrupt = () => controller.abort(cancelled());
  addInterruptionListener(interrupt, isHangupIgnored);
  return controller.signal;
}

async function deferInterrupts<T>(
  work: () => Promise<T>,
  { end, isHangupIgnored }: {
    readonly end: () => Promise<never>;
    readonly isHangupIgnored: Promise<boolean>;
  },
): Promise<T> {
  let interruptions = 0;
  const postpone = () => {
    if (++interruptions > 1) void end();
  };
  addInterruptionListener(postpone, isHangupIgnored);
  try {
    const result = await work();
    if (interruptions > 0) throw cancelled();
    return result;
  } finally {
    for (const signal of [...INTERRUPTIONS, HANGUP] as const) {
      Deno.removeSignalListener(signal, postpone);
    }
  }
}
