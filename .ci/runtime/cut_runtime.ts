/**
 * Extracts the runtime from an executable made by `deno compile`. Each function reverts how libsui 0.16 adds the program: as
 * a suffix (ELF), a section (PE), or a segment (Mach-O).
 */

import {
  COMMANDS_AT,
  LC_CODE_SIGNATURE,
  LC_DATA_IN_CODE,
  LC_DYLD_INFO_ONLY,
  LC_DYSYMTAB,
  LC_FUNCTION_STARTS,
  LC_SYMTAB,
  type LoadCommand,
  loadCommands,
  segmentOf,
} from "../../scripts/mach_o.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** The program follows the section headers, which are the end of the runtime. */
export function cutElf(executable: Bytes): Bytes {
  const view = viewOf(executable);
  const start = Number(view.getBigUint64(0x28, true));
  return executable.slice(0, start + view.getUint16(0x3a, true) * view.getUint16(0x3c, true));
}

/** The program is a resource in the last section. The runtime has no section for resources. */
export function cutPe(executable: Bytes): Bytes {
  const header = viewOf(executable).getUint32(0x3c, true);
  const sections = viewOf(executable).getUint16(header + 6, true) - 1;
  const optional = header + 24;
  const last = optional + viewOf(executable).getUint16(header + 20, true) + sections * 40;
  const cut = executable.slice(0, viewOf(executable).getUint32(last + 20, true));
  const view = viewOf(cut);
  const [sizeOfImage, resources] = [optional + 56, optional + 112 + 2 * 8];
  view.setUint16(header + 6, sections, true);
  view.setUint32(sizeOfImage, view.getUint32(last + 12, true), true);
  view.setBigUint64(resources, 0n, true);
  cut.fill(0, last, last + 40);
  return cut;
}

/** The marker that libsui writes before the program on Intel. */
const MARK = new TextEncoder().encode("<~sui-data~>");
/** Offsets of the fields of a segment. */
const [ADDRESS, MEMORY_SIZE, FILE_OFFSET, FILE_SIZE] = [24, 32, 40, 48] as const;
const STRINGS_OFFSET = 16;
const STRINGS_SIZE = 20;
/** The fields of load commands that contain offsets in `__LINKEDIT`. */
const OFFSETS: Readonly<Record<number, readonly number[]>> = {
  [LC_SYMTAB]: [8, STRINGS_OFFSET],
  [LC_DYSYMTAB]: [32, 40, 48, 56, 64, 72],
  [LC_DYLD_INFO_ONLY]: [8, 16, 24, 32, 40],
  [LC_FUNCTION_STARTS]: [8],
  [LC_DATA_IN_CODE]: [8],
  [LC_CODE_SIGNATURE]: [8],
};

/** The program is a segment before `__LINKEDIT` on Apple silicon, and the end of `__LINKEDIT` on Intel. */
export function cutMachO(executable: Bytes): Bytes {
  const program = segmentOf(loadCommands(executable), "__SUI");
  return program ? withoutSegment(executable, program) : withoutSuffix(executable);
}

function withoutSegment(executable: Bytes, program: LoadCommand): Bytes {
  const start = Number(program.view.getBigUint64(FILE_OFFSET, true));
  const length = Number(program.view.getBigUint64(FILE_SIZE, true));
  const cut = new Uint8Array(executable.length - length);
  cut.set(executable.subarray(0, start));
  cut.set(executable.subarray(start + length), start);
  const commands = loadCommands(cut);
  const { view } = linkeditOf(commands);
  for (const field of [ADDRESS, FILE_OFFSET]) {
    view.setBigUint64(field, view.getBigUint64(field, true) - BigInt(length), true);
  }
  for (const { type, view } of commands) {
    for (const field of OFFSETS[type] ?? []) {
      const offset = view.getUint32(field, true);
      if (offset > start) view.setUint32(field, offset - length, true);
    }
  }
  setCommands(cut, commands.filter(({ bytes }) => bytes.byteOffset !== program.bytes.byteOffset));
  return cut;
}

function withoutSuffix(executable: Bytes): Bytes {
  const tables = linkeditOf(loadCommands(executable));
  const start = Number(tables.view.getBigUint64(FILE_OFFSET, true));
  const end = indexOf(executable, MARK, start);
  const cut = executable.slice(0, end);
  const commands = loadCommands(cut);
  const { view } = linkeditOf(commands);
  view.setBigUint64(FILE_SIZE, BigInt(end - start), true);
  view.setBigUint64(MEMORY_SIZE, BigInt(Math.ceil((end - start) / 4096) * 4096), true);
  for (const { type, view } of commands) {
    if (type !== LC_SYMTAB) continue;
    view.setUint32(STRINGS_SIZE, end - view.getUint32(STRINGS_OFFSET, true), true);
  }
  // The signature was added after the program.
  setCommands(cut, commands.filter(({ type }) => type !== LC_CODE_SIGNATURE));
  return cut;
}

/** Replaces the load commands by a shorter list. */
function setCommands(file: Bytes, commands: readonly LoadCommand[]): void {
  const copies = commands.map(({ bytes }) => bytes.slice());
  const view = viewOf(file);
  const oldEnd = COMMANDS_AT + view.getUint32(20, true);
  let at = COMMANDS_AT;
  for (const copy of copies) {
    file.set(copy, at);
    at += copy.length;
  }
  file.fill(0, at, oldEnd);
  view.setUint32(16, copies.length, true);
  view.setUint32(20, at - COMMANDS_AT, true);
}

function linkeditOf(commands: readonly LoadCommand[]): LoadCommand {
  const segment = segmentOf(commands, "__LINKEDIT");
  if (!segment) throw new Error("The executable has no segment __LINKEDIT");
  return segment;
}

function indexOf(bytes: Bytes, mark: Bytes, from: number): number {
  for (
    let at = bytes.indexOf(mark[0] ?? 0, from);
    at >= 0;
    at = bytes.indexOf(mark[0] ?? 0, at + 1)
  ) {
    if (mark.every((byte, index) => bytes[at + index] === byte)) return at;
  }
  throw new Error("The executable contains no program of `deno compile`");
}

function viewOf(bytes: Bytes): DataView<ArrayBuffer> {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
