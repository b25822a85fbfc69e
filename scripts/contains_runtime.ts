/** Whether an executable made by `deno compile` runs on a given runtime. */

import { COMMANDS_AT, LC_SEGMENT_64, loadCommands, segmentName } from "./mach_o.ts";
import { osOf, type Target } from "./targets.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** A part of a file: its first byte, and the byte after its last. */
type Range = readonly [start: number, end: number];

/**
 * Whether an executable contains the code and data of a runtime unchanged. Only headers and tables differ, which say where the
 * program is. Resources and signatures, which are added later, may move code.
 */
export function containsRuntime(executable: Bytes, runtime: Bytes, target: Target): boolean {
  const ranges = RANGES[osOf(target)](runtime, executable);
  return ranges.length > 0 && ranges.every(([start, end]) => {
    if (end > executable.length || end > runtime.length) return false;
    const [ours, theirs] = [executable, runtime].map((one) => one.subarray(start, end));
    return ours !== undefined && theirs !== undefined && isSame(ours, theirs);
  });
}

const ELF_HEADER_BYTES = 64;

const RANGES = {
  // The program is a suffix. Newer versions of Deno also move the tables that the header points to, but not the entry point.
  linux: (runtime: Bytes): Range[] => [[0x18, 0x20], [ELF_HEADER_BYTES, runtime.length]],
  darwin: segments,
  windows: sections,
};

/** The segments of a Mach-O file without the load commands, and without `__LINKEDIT`, which has the symbols and the signature. */
function segments(runtime: Bytes, executable: Bytes): Range[] {
  const commandsEnd = Math.max(
    ...[runtime, executable].map((file) =>
      COMMANDS_AT + new DataView(file.buffer, file.byteOffset).getUint32(20, true)
    ),
  );
  return loadCommands(runtime).filter((command) =>
    command.type === LC_SEGMENT_64 && segmentName(command) !== "__LINKEDIT"
  ).map(({ view }): Range => {
    const start = Number(view.getBigUint64(40, true));
    return [Math.max(start, commandsEnd), start + Number(view.getBigUint64(48, true))];
  }).filter(([start, end]) => start < end);
}

/** The sections of a PE file. */
function sections(runtime: Bytes): Range[] {
  const view = new DataView(runtime.buffer, runtime.byteOffset);
  const header = view.getUint32(0x3c, true);
  const first = header + 24 + view.getUint16(header + 20, true);
  return Array.from({ length: view.getUint16(header + 6, true) }, (_, index): Range => {
    const section = first + index * 40;
    const start = view.getUint32(section + 20, true);
    return [start, start + view.getUint32(section + 16, true)];
  });
}

function isSame(one: Bytes, other: Bytes): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
