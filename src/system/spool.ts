import { Failure } from "../failure.ts";
import { pacer } from "./waiting.ts";
import { writeAll } from "./write_all.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * Writes pieces to an unlinked temporary file, and returns its content as a stream, which closes it. The
 * runtime reads such a stream natively, while `fetch` of Deno 2.4 keeps everything from JavaScript in memory.
 *
 * @param signal ends the writing with its reason.
 * @throws {Failure} of kind `file` when it cannot be written, and as the pieces throw.
 */
export async function spool(
  pieces: AsyncIterable<Bytes>,
  signal: AbortSignal,
): Promise<ReadableStream<Bytes>> {
  const file = attempt(openUnlisted);
  const pace = pacer(signal);
  try {
    for await (const piece of pieces) {
      await pace();
      attempt(() => writeAll(file, piece));
    }
    file.seekSync(0, Deno.SeekMode.Start);
    return file.readable;
  } catch (error) {
    file.close();
    throw error;
  }
}

function openUnlisted(): Deno.FsFile {
  const path = Deno.makeTempFileSync({ prefix: "arcade-" });
  try {
    return Deno.openSync(path, { read: true, write: true });
  } finally {
    Deno.removeSync(path);
  }
}

function attempt<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new Failure("file", "Cannot write a temporary file", {
      next: "Check that the disk with the temporary folder has space",
      cause: error,
    });
  }
}
