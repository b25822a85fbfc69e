/** Reads `/proc` through the C library, because Deno requires all permissions for it. */

const O_RDONLY = 0;
/** Offsets in `struct linux_dirent64`: the length of an entry, and its name. */
const ENTRY_LENGTH = 16;
const ENTRY_NAME = 19;

let libc: ReturnType<typeof load> | undefined;

function load() {
  return Deno.dlopen("libc.so.6", {
    open: { parameters: ["buffer", "i32"], result: "i32" },
    close: { parameters: ["i32"], result: "i32" },
    read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
    getdents64: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  });
}

/** Whether this system has `/proc` and a C library to read it. */
export function hasProc(): boolean {
  try {
    return readProc(`/proc/${Deno.pid}/environ`).includes("PATH=");
  } catch {
    return false;
  }
}

/** The ids of all processes. */
export function processIds(): number[] {
  const names: string[] = [];
  const decoder = new TextDecoder();
  withOpen("/proc", (symbols, descriptor) => {
    const bytes = new Uint8Array(32_768);
    const entries = new DataView(bytes.buffer);
    for (;;) {
      const end = Number(symbols.getdents64(descriptor, bytes, BigInt(bytes.length)));
      if (end <= 0) return;
      for (let at = 0, length = 0; at < end; at += length) {
        length = entries.getUint16(at + ENTRY_LENGTH, true);
        const name = decoder.decode(bytes.subarray(at + ENTRY_NAME, at + length));
        names.push(name.slice(0, name.indexOf("\0")));
      }
    }
  });
  return names.filter((name) => /^\d+$/.test(name)).map(Number);
}

/** The content of a file in `/proc`; empty if the process has exited. */
export function readProc(path: string): string {
  let content = "";
  const decoder = new TextDecoder();
  withOpen(path, (symbols, descriptor) => {
    const bytes = new Uint8Array(65_536);
    for (;;) {
      const length = Number(symbols.read(descriptor, bytes, BigInt(bytes.length)));
      if (length <= 0) return;
      content += decoder.decode(bytes.subarray(0, length), { stream: true });
    }
  });
  return content;
}

/** The fields of `/proc/PID/stat`; undefined if the process no longer exists. */
export function statOf(pid: number):
  | {
    readonly hasEnded: boolean;
    readonly parent: number;
    readonly group: number;
    readonly session: number;
    /** 0 without a terminal. */
    readonly terminal: number;
  }
  | undefined {
  const [, fields] = /\) (\S .*)$/s.exec(readProc(`/proc/${pid}/stat`)) ?? [];
  if (fields === undefined) return undefined;
  const [state = "", ...numbers] = fields.split(" ");
  const [parent = 0, group = 0, session = 0, terminal = 0] = numbers.map(Number);
  return { hasEnded: /[XZ]/.test(state), parent, group, session, terminal };
}

function withOpen(
  path: string,
  use: (symbols: ReturnType<typeof load>["symbols"], descriptor: number) => void,
): void {
  const { symbols } = libc ??= load();
  const descriptor = symbols.open(new TextEncoder().encode(`${path}\0`), O_RDONLY);
  if (descriptor < 0) return;
  try {
    use(symbols, descriptor);
  } finally {
    symbols.close(descriptor);
  }
}
