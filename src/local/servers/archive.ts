/** Unpacks the archive of a release. Whatever it contains, nothing is written outside the folder of the release. */

import { createTarDecoder, type ParsedTarEntry, type TarHeader } from "modern-tar";
import { type ArchiveEntry, followLink } from "../../files/links.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const MIB = 1024 * 1024;
/** Errors of the file system that have nothing to do with the paths in an archive. */
const OF_THE_MACHINE = new Set([
  ...["EACCES", "EDQUOT", "EIO", "EMFILE", "ENFILE", "ENOMEM", "ENOSPC", "EPERM", "EROFS"],
]);
const LIMITS = { mebibytes: 512, entries: 50_000 };

/** An archive that cannot be unpacked. The message says why. */
export class UnusableArchive extends Error {
  override readonly name = "UnusableArchive";
}

/**
 * Unpacks a tar.gz archive into an empty folder, without its top folder. Files get mode 0600, or 0700 if they are executable, and
 * folders 0700. Throws {@linkcode UnusableArchive} for anything but files, folders and links to these, and for more
 * than 50,000 entries or 512 MiB, unless `limits` says otherwise.
 */
export async function unpack(
  archive: ReadableStream<Bytes>,
  folder: string,
  limits = LIMITS,
): Promise<void> {
  const entries = archive
    .pipeThrough(new DecompressionStream("gzip"))
    .pipeThrough(limited(limits.mebibytes))
    .pipeThrough(createTarDecoder({ strict: true }));
  const unpacking = new Unpacking(folder, limits);
  try {
    for await (const entry of entries) await unpacking.add(entry);
    await unpacking.finish();
  } catch (error) {
    if (error instanceof UnusableArchive) throw error;
    if (error instanceof Deno.errors.AlreadyExists) {
      throw new UnusableArchive("The archive contains a path twice", { cause: error });
    }
    // The runtime and the decoder throw plain errors; those of the file system have codes.
    if (!(error instanceof Error && "code" in error)) {
      throw new UnusableArchive("The archive is not a complete tar.gz archive", { cause: error });
    }
    if (OF_THE_MACHINE.has(String(error.code))) throw error;
    throw new UnusableArchive("The archive contains a path that cannot exist", { cause: error });
  }
}

/** The state while one archive is unpacked. */
class Unpacking {
  readonly #folder: string;
  readonly #limits: typeof LIMITS;
  readonly #links: { path: string; target: string }[] = [];
  readonly #entries = new Map<string, ArchiveEntry>();
  #top: string | undefined;
  #count = 0;
  /** In bytes. A hard link takes no space in an archive. */
  #copied = 0;

  constructor(folder: string, limits: typeof LIMITS) {
    this.#folder = folder;
    this.#limits = limits;
  }

  async add({ header, body }: ParsedTarEntry): Promise<void> {
    if (++this.#count > this.#limits.entries) {
      throw new UnusableArchive(`The archive has more than ${this.#limits.entries} entries`);
    }
    const path = this.#pathOf(header.name);
    if (path === undefined) return await body.cancel();
    const target = `${this.#folder}/${path}`;
    if (header.type === "directory") {
      await this.#makeFolder(path);
      return await body.cancel();
    }
    await this.#makeFolder(path.slice(0, Math.max(0, path.lastIndexOf("/"))));
    if (header.type !== "symlink") this.#entries.set(path, { kind: "file" });
    switch (header.type) {
      case "file": {
        const mode = ((header.mode ?? 0) & 0o100) === 0 ? 0o600 : 0o700;
        const file = await Deno.open(target, { write: true, createNew: true, mode });
        return await body.pipeTo(file.writable);
      }
      case "link":
        await this.#copy(header, target);
        return await body.cancel();
      case "symlink":
        this.#links.push({ path, target: header.linkname ?? "" });
        return await body.cancel();
      default:
        throw new UnusableArchive(`The archive contains ${header.name}, which is a ${header.type}`);
    }
  }

  /** Creates the symlinks, after all files: so that none of them is in the path of a file. */
  async finish(): Promise<void> {
    for (const { path, target } of this.#links) {
      if (this.#entries.has(path)) throw new UnusableArchive("The archive contains a path twice");
      this.#entries.set(path, { kind: "link", target });
    }
    for (const { path } of this.#links) {
      const end = followLink(path, this.#entries);
      if (end === "out") throw new UnusableArchive(`The link ${path} points outside the archive`);
      if (end === "nothing") throw new UnusableArchive(`The link ${path} points to nothing`);
    }
    for (const { path, target } of this.#links) {
      await Deno.symlink(target, `${this.#folder}/${path}`);
    }
  }

  /** Creates a folder, with the folders that it is in. */
  async #makeFolder(path: string): Promise<void> {
    await Deno.mkdir(`${this.#folder}/${path}`, { recursive: true, mode: 0o700 });
    for (let folder = path; folder !== "" && !this.#entries.has(folder);) {
      this.#entries.set(folder, { kind: "folder" });
      folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/")));
    }
  }

  /** Copies the file of a hard link, which precedes the link. */
  async #copy({ name, linkname = "" }: TarHeader, target: string): Promise<void> {
    const path = this.#pathOf(linkname) ?? "";
    try {
      this.#copied += (await Deno.stat(`${this.#folder}/${path}`)).size;
      if (this.#copied > this.#limits.mebibytes * MIB) throw tooLarge(this.#limits.mebibytes);
      await Deno.copyFile(`${this.#folder}/${path}`, target);
    } catch (error) {
      if (error instanceof UnusableArchive) throw error;
      throw new UnusableArchive(`The link ${name} points to nothing`, { cause: error });
    }
  }

  /** The path of an entry below the top folder; undefined for the top folder itself. */
  #pathOf(name: string): string | undefined {
    const parts = name.startsWith("/") ? undefined : resolved(name.split("/"));
    if (parts === undefined || name.split("/").includes("..")) {
      throw new UnusableArchive(`The path ${name} points outside the archive`);
    }
    const [top, ...rest] = parts;
    this.#top ??= top;
    if (top !== this.#top) throw new UnusableArchive("The archive has more than one top folder");
    return rest.length === 0 ? undefined : rest.join("/");
  }
}

/** A path without `.`, `..` and empty parts; undefined when it points above its start. */
function resolved(parts: readonly string[]): string[] | undefined {
  const result: string[] = [];
  for (const part of parts) {
    if (part === "" || part === ".") continue;
    if (part !== "..") result.push(part);
    else if (result.pop() === undefined) return undefined;
  }
  return result;
}

function tooLarge(mebibytes: number): UnusableArchive {
  return new UnusableArchive(`The archive is larger than ${mebibytes} MiB when unpacked`);
}

/** Passes bytes on, up to a limit. */
function limited(mebibytes: number): TransformStream<Bytes, Bytes> {
  let size = 0;
  return new TransformStream({
    transform(chunk, controller) {
      size += chunk.byteLength;
      if (size > mebibytes * MIB) throw tooLarge(mebibytes);
      controller.enqueue(chunk);
    },
  });
}
