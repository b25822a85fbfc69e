/** The load commands of a Mach-O executable of 64 bits (mach-o/loader.h). */

export const LC_SYMTAB = 0x2;
export const LC_DYSYMTAB = 0xb;
export const LC_SEGMENT_64 = 0x19;
export const LC_CODE_SIGNATURE = 0x1d;
export const LC_FUNCTION_STARTS = 0x26;
export const LC_DATA_IN_CODE = 0x29;
export const LC_DYLD_INFO_ONLY = 0x80000022;

const MAGIC = 0xfeedfacf;
/** Where the load commands begin, after the header. */
export const COMMANDS_AT = 32;

/** One load command. Its fields are those of the bytes that were read. */
export interface LoadCommand {
  readonly type: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView<ArrayBuffer>;
}

/**
 * Reads the load commands of an executable.
 *
 * @throws {Error} if it is another kind of file.
 */
export function loadCommands(executable: Uint8Array<ArrayBuffer>): LoadCommand[] {
  const view = new DataView(executable.buffer, executable.byteOffset);
  if (view.getUint32(0, true) !== MAGIC) throw new Error("This is no Mach-O file of 64 bits");
  let at = COMMANDS_AT;
  return Array.from({ length: view.getUint32(16, true) }, () => {
    const size = view.getUint32(at + 4, true);
    const bytes = executable.subarray(at, at + size);
    at += size;
    const fields = new DataView(bytes.buffer, bytes.byteOffset, size);
    return { type: fields.getUint32(0, true), bytes, view: fields };
  });
}

/** The segment of this name. */
export function segmentOf(
  commands: readonly LoadCommand[],
  name: string,
): LoadCommand | undefined {
  return commands.find(({ type, bytes }) =>
    type === LC_SEGMENT_64 &&
    new TextDecoder().decode(bytes.subarray(8, 24)).replace(/\0+$/, "") === name
  );
}
