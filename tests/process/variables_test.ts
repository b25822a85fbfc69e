import assert from "node:assert/strict";
import { readVariables } from "../../src/process/variables.ts";

const ODD = "two\nlines \"quoted\" 'single' $HOME `date` \\ = ü";

Deno.test({
  name: "variables are read unchanged, and only by name",
  ignore: Deno.build.os === "windows",
  async fn() {
    const set = { ARCADE_TEST_ODD: ODD, ARCADE_TEST_EMPTY: "" };
    for (const [name, value] of Object.entries(set)) Deno.env.set(name, value);
    try {
      const names = ["ARCADE_TEST_NONE", "x; touch /tmp/no", "$(no)", "", ...Object.keys(set)];
      assert.deepEqual(Object.fromEntries(await readVariables(names)), set);
      assert.equal((await readVariables([])).size, 0);
      const marker = `${Deno.makeTempDirSync()}/executed`;
      for (
        const name of [`x\ntouch ${marker}\n`, `ARCADE_TEST_EMPTY\n>${marker}`, `x;>${marker}`]
      ) {
        assert.equal((await readVariables([name, "ARCADE_TEST_EMPTY"])).size, 1);
        assert.throws(() => Deno.statSync(marker), Deno.errors.NotFound, name);
      }
    } finally {
      for (const name of Object.keys(set)) Deno.env.delete(name);
    }
  },
});

Deno.test({
  name: "a variable that is not UTF-8 text is named, and its value is not",
  ignore: Deno.build.os !== "linux",
}, async () => {
  const program = `${import.meta.dirname}/../data/read_variables.ts`;
  const set = `OTHER=x ODD=$(printf 'to\\377ken'); export OTHER ODD; exec "$@"`;
  const deno = [Deno.execPath(), "run", "--no-check", "--allow-run", program, "OTHER", "ODD"];
  const { stdout } = await new Deno.Command("/bin/sh", { args: ["-c", set, "sh", ...deno] })
    .output();
  assert.equal(new TextDecoder().decode(stdout), "Failure: The variable ODD is not UTF-8 text\n");
});
