import assert from "node:assert/strict";
import { ROOT } from "../support/root.ts";

/** Builds for release, without access to any server. Returns the exit code, the message, and what was built. */
async function buildForRelease(env: Record<string, string>) {
  const folder = await Deno.makeTempDir({ prefix: "arcade-build-test-" });
  try {
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--no-prompt", "--allow-read", "--allow-write", "--allow-run", "--allow-env"],
        ...["--allow-sys", "--allow-ffi", "scripts/build.ts", "--release", `${folder}/arcade`],
      ],
      cwd: ROOT,
      env,
    }).output();
    const files = [...Deno.readDirSync(folder)].map(({ name }) => name);
    return { code, message: new TextDecoder().decode(stderr), files };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a build for release has the verified runtime of Deno or fails, and uses none from a package", async () => {
  const { code, message, files } = await buildForRelease({ DENORT_BIN: "" });
  assert.match(message, /^Error: Nothing was built: The runtime of Deno .* could not be fetched/);
  assert.deepEqual([code, files], [1, []]);
});

Deno.test("a build for release does not embed the runtime that DENORT_BIN names", async () => {
  const { code, message, files } = await buildForRelease({ DENORT_BIN: "/bin/true" });
  assert.match(message, /^Error: Nothing was built: DENORT_BIN names another runtime/);
  assert.deepEqual([code, files], [1, []]);
});

Deno.test("the code that takes runtimes from packages is loaded by one file, and only when needed", () => {
  const folders = ["scripts", "scripts/bench", "scripts/release"];
  const found = folders.flatMap((folder) =>
    [...Deno.readDirSync(`${ROOT}/${folder}`)].filter(({ isFile }) => isFile).flatMap(
      ({ name }) => {
        const text = Deno.readTextFileSync(`${ROOT}/${folder}/${name}`);
        return text.match(/.*"[^"]*\.ci\/.*/g)?.map((line) => `${name}: ${line.trim()}`) ?? [];
      },
    )
  );
  assert.equal(found.length, 1, found.join("\n"));
  assert.match(found[0] ?? "", /^compile\.ts: const .* = await import\("/);
});
