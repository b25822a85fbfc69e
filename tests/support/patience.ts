/** How long a test waits for an event before it fails. Nothing is expected to take so long, on any machine. */
export const PATIENCE_MS = 60_000;

/** Waits for an event, and fails if it does not come. */
export async function patiently<T>(what: string, event: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`After ${PATIENCE_MS / 1000} s still not: ${what}`)),
      PATIENCE_MS,
    );
  });
  try {
    return await Promise.race([event, late]);
  } finally {
    clearTimeout(timer);
  }
}
