import assert from "node:assert/strict";
import { Failure } from "../../src/failure.ts";
import { arcadeFolder, homeFolder } from "../../src/files/arcade_folder.ts";

Deno.test("arcadeFolder() is ARCADE_WORK_DIR, or .arcade in the home folder", () => {
  assert.equal(arcadeFolder({ HOME: "/home/me" }), "/home/me/.arcade");
  assert.equal(arcadeFolder({ USERPROFILE: "C:\\Users\\me\\" }), "C:\\Users\\me\\.arcade");
  assert.equal(arcadeFolder({ HOME: "/home/me", ARCADE_WORK_DIR: "/work/" }), "/work");
  assert.equal(arcadeFolder({ ARCADE_WORK_DIR: "/work" }), "/work");
  assert.equal(arcadeFolder({ HOME: "/home/me", ARCADE_WORK_DIR: "~/work" }), "/home/me/work");
  assert.equal(arcadeFolder({ HOME: "/home/me", ARCADE_WORK_DIR: "~" }), "/home/me");
  assert.equal(arcadeFolder({ HOME: "/home/me", ARCADE_WORK_DIR: "" }), "/home/me/.arcade");
});

Deno.test("homeFolder() is HOME, or USERPROFILE on Windows", () => {
  const both = { HOME: "/c/msys/home", USERPROFILE: "C:\\Users\\me" };
  assert.equal(homeFolder(both, "linux"), both.HOME);
  assert.equal(homeFolder(both, "windows"), both.USERPROFILE);
  assert.equal(homeFolder({ HOME: both.HOME }, "windows"), both.HOME);
  assert.equal(homeFolder({}), undefined);
});

Deno.test("arcadeFolder() without a home folder says which variable to set", () => {
  for (const environment of [{}, { HOME: "", USERPROFILE: "" }]) {
    assert.throws(
      () => arcadeFolder(environment),
      (error) => error instanceof Failure && error.kind === "file",
    );
  }
});
