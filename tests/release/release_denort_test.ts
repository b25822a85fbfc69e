import assert from "node:assert/strict";
import { sha256 } from "../../src/secrecy/hash.ts";
import { cacheDenort } from "../../scripts/release_denort.ts";
import { Answers } from "../support/answers.ts";

const TARGET = "aarch64-apple-darwin";
const NAME = `v${Deno.version.deno}/denort-${TARGET}.zip`;
const RUNTIME = new TextEncoder().encode("the runtime");
const SUM = await sha256(RUNTIME);

/** The servers of the Deno project, and the cache of `deno compile`. */
class Fixture implements AsyncDisposable {
  readonly #answers: Answers;
  readonly cache = Deno.makeTempDirSync({ prefix: "arcade-cache-" });
  readonly path = `${this.cache}/dl/release/${NAME}`;

  constructor(published: { readonly sum: string; readonly runtime?: Uint8Array<ArrayBuffer> }) {
    this.#answers = new Answers(({ path }) => {
      if (path === `/sums/${NAME}.sha256sum`) return new Response(published.sum);
      if (path === `/dl/${NAME}`) return new Response(published.runtime ?? RUNTIME);
      return new Response(null, { status: 404 });
    });
  }

  run(): Promise<Uint8Array<ArrayBuffer>> {
    const { url } = this.#answers;
    const servers = { downloads: `${url}/dl`, checksums: `${url}/sums` };
    return cacheDenort(TARGET, { servers, cache: this.cache });
  }

  asked(): string[] {
    return this.#answers.seen.map(({ path }) => path);
  }

  put(content: string): void {
    Deno.mkdirSync(this.path.replace(/[^/]+$/, ""), { recursive: true });
    Deno.writeTextFileSync(this.path, content);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#answers[Symbol.asyncDispose]();
    Deno.removeSync(this.cache, { recursive: true });
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
  Deno.test(`the runtime of a release is verified by the output of ${form}, and cached`, async () => {
    await using fixture = new Fixture({ sum });
    await fixture.run();
    assert.equal(Deno.readTextFileSync(fixture.path), "the runtime");
  });
}

Deno.test("a cached runtime is verified and not downloaded again", async () => {
  await using fixture = new Fixture({ sum: SUM });
  fixture.put("the runtime");
  await fixture.run();
  assert.deepEqual(fixture.asked(), [`/sums/${NAME}.sha256sum`]);
});

Deno.test("a cached runtime that was changed is replaced", async () => {
  await using fixture = new Fixture({ sum: SUM });
  fixture.put("another runtime");
  await fixture.run();
  assert.equal(Deno.readTextFileSync(fixture.path), "the runtime");
});

Deno.test("a runtime that does not match its checksum is not cached", async () => {
  await using fixture = new Fixture({ sum: SUM, runtime: new TextEncoder().encode("evil") });
  await assert.rejects(fixture.run(), /could not be fetched and verified \(.* does not match its/);
  assert.deepEqual([...Deno.readDirSync(fixture.cache)], []);
});

Deno.test("a runtime without a checksum is not downloaded", async () => {
  await using fixture = new Fixture({ sum: "Not found" });
  await assert.rejects(fixture.run(), /contains no checksum/);
  assert.deepEqual(fixture.asked(), [`/sums/${NAME}.sha256sum`]);
});
