import assert from "node:assert/strict";
import { findProgram, programPaths } from "../../src/system/programs.ts";

Deno.test("programs are searched in the absolute folders of PATH", () => {
  assert.deepEqual(programPaths("uv", "/usr/bin::.:bin:/opt/a b", "linux"), [
    "/usr/bin/uv",
    "/opt/a b/uv",
  ]);
  const path = "C:\\Program Files\\uv\\;.;bin;\\tools;d:/x;\\\\server\\share;";
  assert.deepEqual(programPaths("uv", path, "windows"), [
    "C:\\Program Files\\uv\\uv.exe",
    "d:/x\\uv.exe",
    "\\\\server\\share\\uv.exe",
  ]);
});

Deno.test({
  name: "findProgram() finds executable files",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const folder = Deno.makeTempDirSync();
    try {
      Deno.writeTextFileSync(`${folder}/text`, "", { mode: 0o644 });
      Deno.mkdirSync(`${folder}/folder`);
      Deno.writeTextFileSync(`${folder}/program`, "", { mode: 0o755 });
      for (const name of ["text", "folder", "missing"]) {
        assert.equal(await findProgram(name, folder), undefined);
      }
      assert.equal(await findProgram("program", `/nowhere:${folder}`), `${folder}/program`);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});
