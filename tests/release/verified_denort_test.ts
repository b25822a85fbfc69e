import assert from "node:assert/strict";
import { sha256 } from "../../src/secrecy/hash.ts";
import { zip } from "../../scripts/release/archive.ts";
import { verifiedDenort } from "../../scripts/verified_denort.ts";
import { Answers } from "../support/answers.ts";

const TARGET = "aarch64-apple-darwin";
const NAME = `v${Deno.version.deno}/denort-${TARGET}.zip`;
const ARCHIVE = zipOf("denort", "the runtime");
const SUM = await sha256(ARCHIVE);

function zipOf(path: string, text: string): Uint8Array<ArrayBuffer> {
  return zip(
    [{ path, content: new TextEncoder().encode(text), isExecutable: true }],
    1_700_000_000,
  );
}

/** The runtime from servers with this checksum and this archive, and the paths that were asked for. */
async function fetchRuntime(
  { sum, archive = ARCHIVE, target = TARGET }: {
    readonly sum: string;
    readonly archive?: Uint8Array<ArrayBuffer>;
    readonly target?: "aarch64-apple-darwin" | "x86_64-pc-windows-msvc";
  },
): Promise<{ readonly runtime: string; readonly asked: readonly string[] }> {
  await using answers = new Answers(({ path }) =>
    path.endsWith(".sha256sum") ? new Response(sum) : new Response(archive)
  );
  const { url } = answers;
  const servers = { downloads: `${url}/dl`, checksums: `${url}/sums` };
  const asked = () => answers.seen.map(({ path }) => path);
  try {
    const bytes = await verifiedDenort(target, servers);
    return { runtime: new TextDecoder().decode(bytes), asked: asked() };
  } catch (error) {
    throw Object.assign(error instanceof Error ? error : new Error(), { asked: asked() });
  }
}

for (
  const [form, sum] of [
    ["sha256sum", `${SUM}  denort-${TARGET}.zip\n`],
    [
      "Get-FileHash",
      `\r\nAlgorithm : SHA256\r\nHash      : ${SUM.toUpperCase()}\r\nPath      : x\r\n`,
    ],
  ] as const
) {
  Deno.test(`the runtime of a release is verified by the output of ${form}`, async () => {
    const { runtime, asked } = await fetchRuntime({ sum });
    assert.equal(runtime, "the runtime");
    assert.deepEqual(asked, [`/sums/${NAME}.sha256sum`, `/dl/${NAME}`]);
  });
}

Deno.test("the runtime for Windows has an extension", async () => {
  const archive = zipOf("denort.exe", "for Windows");
  const target = "x86_64-pc-windows-msvc";
  const { runtime } = await fetchRuntime({ sum: await sha256(archive), archive, target });
  assert.equal(runtime, "for Windows");
});

Deno.test("a runtime that does not match its checksum is rejected", async () => {
  const archive = zipOf("denort", "evil");
  await assert.rejects(
    fetchRuntime({ sum: SUM, archive }),
    /could not be fetched and verified \(.* does not match its/,
  );
});

Deno.test("an archive without the runtime is rejected", async () => {
  const archive = zipOf("deno", "another program");
  await assert.rejects(
    fetchRuntime({ sum: await sha256(archive), archive }),
    /contains no denort\)/,
  );
});

Deno.test("a runtime without a checksum is not downloaded", async () => {
  await assert.rejects(fetchRuntime({ sum: "Not found" }), (error) => {
    assert(error instanceof Error && "asked" in error);
    assert.match(error.message, /contains no checksum/);
    assert.deepEqual(error.asked, [`/sums/${NAME}.sha256sum`]);
    return true;
  });
});
