/** The load commands of a 64-bit Mach-O executable (mach-o/loader.h). */

export const LC_SYMTAB = 0x2;
export const LC_DYSYMTAB = 0xb;
export const LC_SEGMENT_64 = 0x19;
export const LC_CODE_SIGNATURE = 0x1d;
export const LC_FUNCTION_STARTS = 0x26;
export const LC_DATA_IN_CODE = 0x29;
export const LC_DYLD_INFO_ONLY = 0x80000022;

const MAGIC = 0xfeedfacf;
/** The offset of the load commands, after the header. */
export const COMMANDS_AT = 32;

/** A load command. It shares the bytes of the executable. */
export interface LoadCommand {
  readonly type: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView<ArrayBuffer>;
}

/**
 * Reads the load commands of an executable.
 *
 * @throws {Error} if the file has another format.
 */
export function loadCommands(executable: Uint8Array<ArrayBuffer>): LoadCommand[] {
  const view = new DataView(executable.buffer, executable.byteOffset);
  if (view.getUint32(0, true) !== MAGIC) throw new Error("This is not a 64-bit Mach-O file");
  let at = COMMANDS_AT;
  return Array.from({ length: view.getUint32(16, true) }, () => {
    const size = view.getUint32(at + 4, true);
    const bytes = executable.subarray(at, at + size);
    at += size;
    const fields = new DataView(bytes.buffer, bytes.byteOffset, size);
    return { type: fields.getUint32(0, true), bytes, view: fields };
  });
}

/** The segment with this name. */
export function segmentOf(
  commands: readonly LoadCommand[],
  name: string,
): LoadCommand | undefined {
  return commands.find((one) => one.type === LC_SEGMENT_64 && segmentName(one) === name);
}

/** The name in a command that loads a segment. */
export function segmentName({ bytes }: LoadCommand): string {
  return new TextDecoder().decode(bytes.subarray(8, 24)).replace(/\0+$/, "");
}
