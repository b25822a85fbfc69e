/** The license notices, in a file that only `arcade help licenses` reads. */

/** The file in the executable and in its archive. scripts/components.ts writes it. */
export const NOTICES_FILE = "THIRD_PARTY_NOTICES";

/** The licenses of arcade and its components; undefined if arcade runs from source. */
export async function readNotices(): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(`${import.meta.dirname}/${NOTICES_FILE}`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
