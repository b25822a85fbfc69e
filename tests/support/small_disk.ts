import { isAvailable, succeeds } from "./test_machine.ts";

/** A small disk, which can be full or read-only. It is unmounted at the end of the test. */
export class SmallDisk implements Disposable {
  readonly #path: string;

  constructor(path: string, { kibibytes = 128 }: { readonly kibibytes?: number } = {}) {
    this.#path = path;
    const options = `size=${kibibytes}k,mode=700`;
    if (!succeeds("mount", "-t", "tmpfs", "-o", options, "tmpfs", path)) {
      throw new Error(`Cannot mount ${path}`);
    }
  }

  /** Fills the disk, except for some KiB. */
  fill({ kibibytesLeft = 0 }: { readonly kibibytesLeft?: number } = {}): void {
    using file = Deno.openSync(`${this.#path}/filler`, { create: true, append: true });
    try {
      while (true) file.writeSync(new Uint8Array(512));
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
    }
    file.truncateSync(file.statSync().size - kibibytesLeft * 1024);
  }

  free(): void {
    Deno.removeSync(`${this.#path}/filler`);
  }

  remount(mode: "ro" | "rw"): void {
    if (!succeeds("mount", "-o", `remount,${mode}`, this.#path)) throw new Error("Cannot remount");
  }

  [Symbol.dispose](): void {
    succeeds("umount", "--lazy", this.#path);
  }
}

/** Whether small disks cannot be mounted here. */
export const withoutMounts = !isAvailable("root on Linux, to mount a small disk", () => {
  const path = Deno.makeTempDirSync({ prefix: "arcade-disk-" });
  try {
    using _disk = new SmallDisk(path);
    return true;
  } finally {
    Deno.removeSync(path);
  }
});
