import assert from "node:assert/strict";
import { shellWord } from "../../src/text/shell_word.ts";

const ignore = Deno.build.os === "windows";

for (
  const text of ["/home/me/a", "it's a blank ü", "a\nb", '$HOME `ls` \\ " * ~ ! # ; & |', "-n", ""]
) {
  Deno.test({ name: `a shell reads ${JSON.stringify(text)} as one word`, ignore }, () => {
    const args = ["-c", `printf %s. ${shellWord(text)}`];
    const { stdout } = new Deno.Command("/bin/sh", { args }).outputSync();
    assert.equal(new TextDecoder().decode(stdout), `${text}.`);
  });
}

Deno.test("a plain text has no quotes", () => {
  assert.equal(shellWord("/home/me/.arcade_2"), "/home/me/.arcade_2");
});
