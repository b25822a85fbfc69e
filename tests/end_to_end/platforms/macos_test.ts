import assert from "node:assert/strict";
import { sha256 } from "../../../src/secrecy/hash.ts";
import { LC_CODE_SIGNATURE, loadCommands, segmentOf } from "../../../scripts/mach_o.ts";
import { buildFor, testsPlatforms } from "../../support/platforms.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const CODE_DIRECTORY = 0xfade0c02;
const [ADHOC, LINKER_SIGNED] = [0x2, 0x20000] as const;
const SHA256_TYPE = 2;

function cpuOf(executable: Bytes): number {
  return new DataView(executable.buffer).getUint32(4, true);
}

/** The first code directory in the signature of an executable (cs_blobs.h); its numbers are big-endian. */
function codeDirectoryOf(executable: Bytes): DataView<ArrayBuffer> {
  const command = loadCommands(executable).find(({ type }) => type === LC_CODE_SIGNATURE);
  assert(command, "The executable has no signature");
  const start = command.view.getUint32(8, true);
  const signature = new DataView(executable.buffer, start);
  const count = signature.getUint32(8);
  for (let index = 0; index < count; index++) {
    const offset = signature.getUint32(12 + index * 8 + 4);
    if (signature.getUint32(offset) === CODE_DIRECTORY) {
      return new DataView(executable.buffer, start + offset);
    }
  }
  throw new Error("The signature has no code directory");
}

Deno.test({
  name: "the executable for macOS on arm64 has a signature that matches all pages",
  ignore: !testsPlatforms,
  fn: async () => {
    const executable = await Deno.readFile(await buildFor("aarch64-apple-darwin"));
    assert.equal(cpuOf(executable), 0x0100000c);
    const commands = loadCommands(executable);
    assert(segmentOf(commands, "__SUI") && segmentOf(commands, "__LINKEDIT"));
    const directory = codeDirectoryOf(executable);
    assert.equal(directory.getUint32(12) & (ADHOC | LINKER_SIGNED), ADHOC | LINKER_SIGNED);
    const hashes = directory.getUint32(16);
    const pages = directory.getUint32(28);
    const end = directory.getUint32(32);
    const [size, type, pageSize] = [36, 37, 39].map((at) => directory.getUint8(at));
    assert.deepEqual([size, type], [32, SHA256_TYPE]);
    const length = 2 ** (pageSize ?? 0);
    assert.equal(pages, Math.ceil(end / length));
    for (let page = 0; page < pages; page++) {
      const content = executable.subarray(page * length, Math.min((page + 1) * length, end));
      const at = directory.byteOffset + hashes + page * 32;
      assert.equal(executable.subarray(at, at + 32).toHex(), await sha256(content), `${page}`);
    }
  },
});

Deno.test({
  name: "the executable for macOS on x86-64 has no signature",
  ignore: !testsPlatforms,
  fn: async () => {
    const executable = await Deno.readFile(await buildFor("x86_64-apple-darwin"));
    assert.equal(cpuOf(executable), 0x01000007);
    assert(!loadCommands(executable).some(({ type }) => type === LC_CODE_SIGNATURE));
  },
});
