import assert from "node:assert/strict";
import { SigningKey } from "../../scripts/release/signature.ts";
import { areInstalled } from "../support/programs.ts";
import { succeeds } from "../support/test_machine.ts";

const ignore = !areInstalled("ssh-keygen");

function generate(path: string, ...args: string[]): void {
  const all = ["-q", "-N", "", "-C", "a comment", "-f", path, ...args];
  assert(succeeds("ssh-keygen", ...all));
}

Deno.test({
  name: "a signing key is read from its path or its text",
  ignore,
  fn: async () => {
    const folder = Deno.makeTempDirSync({ prefix: "arcade-key-" });
    const path = `${folder}/key`;
    generate(path, "-t", "ed25519");
    const [type, text] = Deno.readTextFileSync(`${path}.pub`).split(" ");
    for (const setting of [path, Deno.readTextFileSync(path).trimEnd()]) {
      await using key = await SigningKey.read(setting);
      assert.equal(key.publicKey, `${type} ${text}`);
      Deno.writeTextFileSync(`${folder}/file`, "content");
      await key.sign(`${folder}/file`);
      assert.match(Deno.readTextFileSync(`${folder}/file.sig`), /^-----BEGIN SSH SIGNATURE-----/);
      Deno.removeSync(`${folder}/file.sig`);
    }
    Deno.removeSync(folder, { recursive: true });
  },
});

for (
  const [what, args, reason] of [
    ["of another type", ["-t", "ecdsa"], /type ecdsa.*, not ssh-ed25519/],
    ["with a passphrase", ["-t", "ed25519", "-N", "secret"], /unusable: ssh-keygen/],
  ] as const
) {
  Deno.test({
    name: `a signing key ${what} is rejected`,
    ignore,
    fn: async () => {
      const folder = Deno.makeTempDirSync({ prefix: "arcade-key-" });
      generate(`${folder}/key`, ...args);
      await assert.rejects(SigningKey.read(`${folder}/key`), reason);
      Deno.removeSync(folder, { recursive: true });
    },
  });
}
