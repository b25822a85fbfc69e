import assert from "node:assert/strict";
import { ROOT } from "../support/root.ts";

Deno.test({
  name: "all users can read the man pages and completions after an update, whatever the umask",
  ignore: Deno.build.os === "windows",
}, () => {
  const folder = Deno.makeTempDirSync({ prefix: "arcade-test-" });
  try {
    const page = `${folder}/share/man/man1/arcade.1`;
    Deno.mkdirSync(`${folder}/share/man/man1`, { recursive: true });
    Deno.writeTextFileSync(`${folder}/extras`, `${page}\n`);
    // The umask of this process is that of all tests that run in it.
    const code = `import { renewExtras } from "./src/update/extras.ts";
      renewExtras("${folder}/install.json", new Map([["man/arcade.1", new Uint8Array(1)]]));`;
    const { success, stderr } = new Deno.Command("/bin/sh", {
      args: ["-c", 'umask 077; exec "$@"', "sh", Deno.execPath(), "eval", "--ext=ts", code],
      cwd: ROOT,
    }).outputSync();
    assert(success, new TextDecoder().decode(stderr));
    assert.equal((Deno.statSync(page).mode ?? 0) & 0o777, 0o644);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
