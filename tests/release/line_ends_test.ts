import assert from "node:assert/strict";
import { areInstalled } from "../support/programs.ts";
import { ROOT } from "../support/root.ts";
import { isAvailable, succeeds } from "../support/test_machine.ts";

const ignore = !areInstalled("git") ||
  !isAvailable("a clone of the repository", () => succeeds("git", "-C", ROOT, "rev-parse", "HEAD"));

Deno.test({
  name: "a clone by git for Windows, which converts line ends, has the bytes of the repository",
  ignore,
  fn: async () => {
    const folder = Deno.makeTempDirSync({ prefix: "arcade-clone-" });
    const git = async (...args: string[]) => {
      const { success, stdout, stderr } = await new Deno.Command("git", { args }).output();
      assert(success, new TextDecoder().decode(stderr));
      return new TextDecoder().decode(stdout);
    };
    try {
      const windows = ["-c", "core.autocrlf=true", "-c", "core.eol=crlf"];
      await git(...windows, "clone", "--quiet", ROOT, `${folder}/clone`);
      // Such as "i/lf w/lf attr/text=auto eol=lf", a tab, and the path.
      const files = (await git("-C", `${folder}/clone`, "ls-files", "--eol")).trimEnd().split("\n");
      assert(files.length > 100);
      assert.deepEqual(
        files.filter((line) => !/^i\/(?:lf|none) +w\/(?:lf|none) |\.webp$/.test(line)),
        [],
      );
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});
