import assert from "node:assert/strict";
import { zipSync } from "fflate";
import { containsRuntime } from "../../scripts/contains_runtime.ts";
import { denortFromRegistry } from "../../.ci/runtime/denort.ts";
import { sha256 } from "../../src/secrecy/hash.ts";
import { executableName, osOf, type Target, TARGETS } from "../../scripts/targets.ts";
import { Answers } from "../support/answers.ts";
import { testsPlatforms } from "../support/platforms.ts";
import { ROOT } from "../support/root.ts";
import { isAvailable } from "../support/test_machine.ts";

const LINUX = "x86_64-unknown-linux-gnu";
const isLinux = isAvailable("Linux on x86-64", () => Deno.build.target === LINUX);

/** A runtime of some Deno. On Linux for x86-64 it is the one that the build of `dist/arcade` embeds. */
async function someRuntime(target: Target): Promise<Uint8Array<ArrayBuffer>> {
  const found = await denortFromRegistry(target === LINUX ? undefined : target);
  assert(found);
  return await Deno.readFile(found.path);
}

/** Compiles a program for a release, with the servers of the Deno project replaced by one that has this runtime. */
async function compileRelease(
  runtime: Uint8Array<ArrayBuffer>,
  { target, folder }: { readonly target: Target; readonly folder: string },
): Promise<Uint8Array<ArrayBuffer>> {
  const file = osOf(target) === "windows" ? "denort.exe" : "denort";
  const archive = zipSync({ [file]: [runtime, { level: 0 }] }); // to compress it takes longer than the test
  const sum = await sha256(archive);
  await using server = new Answers(({ path }) =>
    path.endsWith(".sha256sum") ? new Response(sum) : new Response(archive)
  );
  const entry = `${folder}/main.ts`;
  Deno.writeTextFileSync(entry, 'Deno.stdout.writeSync(new TextEncoder().encode("ran\\n"));\n');
  const destination = `${folder}/${executableName(target)}`;
  const compileModule = new URL("../../scripts/compile.ts", import.meta.url).href;
  const servers = { downloads: server.url, checksums: server.url };
  const options = { permissions: [], release: servers, target };
  const code = `import { compile } from ${JSON.stringify(compileModule)};
    await compile(${JSON.stringify(entry)}, ${JSON.stringify(destination)}, ${
    JSON.stringify(options)
  });`;
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", code],
    cwd: ROOT,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  return await Deno.readFile(destination);
}

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = Deno.makeTempDirSync({ prefix: "arcade-release-" });
  try {
    await use(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

for (const target of TARGETS) {
  Deno.test({
    name: `a release for ${target} embeds the verified runtime`,
    ignore: target === LINUX ? !isLinux : !testsPlatforms,
    fn: () =>
      withFolder(async (folder) => {
        const runtime = await someRuntime(target);
        const executable = await compileRelease(runtime, { target, folder });
        assert(containsRuntime(executable, runtime, target));
        // One byte of the code that differs is found.
        const changed = runtime.slice();
        const middle = Math.floor(changed.length / 2);
        changed[middle] = (changed[middle] ?? 0) ^ 1;
        assert(!containsRuntime(executable, changed, target));
        assert(!containsRuntime(executable.subarray(0, middle), runtime, target));
      }),
  });
}
