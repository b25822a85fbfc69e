import assert from "node:assert/strict";
import { commitOf } from "../../scripts/build_settings.ts";
import { output } from "../../scripts/process.ts";
import { areInstalled } from "../support/programs.ts";

const ignore = !areInstalled("git");

Deno.test({
  name: "a build contains its commit, and whether its source differed",
  ignore,
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "arcade-clone-" });
    const git = (...args: string[]) =>
      output("git", ["-c", "user.name=a", "-c", "user.email=a@example.com", ...args], {
        cwd: folder,
      });
    try {
      await git("init", "--quiet");
      await Deno.writeTextFile(`${folder}/file`, "1");
      await git("add", "file");
      await git("commit", "--quiet", "--message", "One");
      await git("tag", "--annotate", "--message", "v1.2.3", "v1.2.3");
      const commit = (await git("rev-parse", "HEAD")).trim();
      assert.equal(await commitOf(folder), commit);
      await Deno.writeTextFile(`${folder}/other`, "");
      assert.equal(await commitOf(folder), commit);
      await Deno.writeTextFile(`${folder}/file`, "2");
      assert.equal(await commitOf(folder), `${commit}-dirty`);

      // An unpacked source archive in a clone of something else.
      await Deno.mkdir(`${folder}/arcade-1.2.3`);
      assert.equal(await commitOf(`${folder}/arcade-1.2.3`), undefined);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
