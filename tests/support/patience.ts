import { sleep } from "../../src/system/waiting.ts";

/** How long a test waits for an event. No event is expected to take this long on any machine. */
export const PATIENCE_MS = 60_000;

/** Waits for an event, and fails after {@link PATIENCE_MS}. */
export async function patiently<T>(what: string, event: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`Timed out after ${PATIENCE_MS / 1000} s waiting for ${what}`)),
      PATIENCE_MS,
    );
  });
  try {
    return await Promise.race([event, late]);
  } finally {
    clearTimeout(timer);
  }
}

const POLL_MS = 20;

/** Waits without an event: until the check succeeds. Fails after {@link PATIENCE_MS}. */
export async function until(what: string, check: () => boolean | Promise<boolean>): Promise<void> {
  const over = new AbortController();
  const poll = async () => {
    while (!await check()) await sleep(POLL_MS, over.signal);
  };
  const done = poll();
  try {
    await patiently(what, done);
  } catch (error) {
    over.abort(error);
    await done;
  }
}

/** Repeats work that a busy machine can start too late to have an effect, such as a Tab, until it has it: 20 times at most. */
export async function repeated(
  work: () => Promise<unknown>,
  hasEffect: () => boolean,
): Promise<void> {
  for (let i = 0; i < 20 && !hasEffect(); i++) await work();
}
