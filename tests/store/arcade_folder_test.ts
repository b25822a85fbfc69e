import assert from "node:assert/strict";
import { Failure } from "../../src/failure.ts";
import { arcadeFolder } from "../../src/store/arcade_folder.ts";

Deno.test("arcadeFolder() is .arcade in the home folder, or in ARCADE_WORK_DIR", () => {
  assert.equal(arcadeFolder({ HOME: "/home/me" }), "/home/me/.arcade");
  assert.equal(arcadeFolder({ USERPROFILE: "C:\\Users\\me\\" }), "C:\\Users\\me/.arcade");
  assert.equal(arcadeFolder({ HOME: "/home/me", ARCADE_WORK_DIR: "/work/" }), "/work/.arcade");
  assert.equal(
    arcadeFolder({ HOME: "/home/me", ARCADE_WORK_DIR: "~/work" }),
    "/home/me/work/.arcade",
  );
  assert.equal(arcadeFolder({ HOME: "/home/me", ARCADE_WORK_DIR: "" }), "/home/me/.arcade");
});

Deno.test("arcadeFolder() is ARCADE_WORK_DIR itself where credentials lie in it", () => {
  const folder = Deno.makeTempDirSync();
  assert.equal(arcadeFolder({ ARCADE_WORK_DIR: folder }), `${folder}/.arcade`);
  Deno.writeTextFileSync(`${folder}/credentials.yaml`, "");
  assert.equal(arcadeFolder({ ARCADE_WORK_DIR: folder }), folder);
  // The home folder is never meant itself.
  assert.equal(arcadeFolder({ HOME: folder }), `${folder}/.arcade`);
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("arcadeFolder() without any home says what to set", () => {
  for (const environment of [{}, { HOME: "", USERPROFILE: "" }]) {
    assert.throws(
      () => arcadeFolder(environment),
      (error) => error instanceof Failure && error.kind === "file",
    );
  }
});
