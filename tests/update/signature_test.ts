import assert from "node:assert/strict";
import { SigningKey } from "../support/signing_key.ts";
import { isSignedBy, type Signed } from "../../src/update/signature.ts";
import { areInstalled } from "../support/programs.ts";

const ignore = !areInstalled("ssh-keygen");

/** A signature made by `ssh-keygen -Y sign`. */
async function signed(content = "message\n"): Promise<Signed & { readonly other: string }> {
  const folder = Deno.makeTempDirSync({ prefix: "arcade-test-" });
  try {
    await using key = await SigningKey.generate();
    await using other = await SigningKey.generate();
    const path = `${folder}/file`;
    Deno.writeTextFileSync(path, content);
    await key.sign(path);
    return {
      message: Deno.readFileSync(path),
      signature: Deno.readTextFileSync(`${path}.sig`),
      publicKeys: [key.publicKey],
      namespace: "arcade-release",
      other: other.publicKey,
    };
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test({ name: "a signature by OpenSSH is accepted", ignore }, async () => {
  const right = await signed();
  const [key = ""] = right.publicKeys;
  assert.equal(await isSignedBy(right), true);
  for (const publicKeys of [[key, right.other], [right.other, key]]) {
    assert.equal(await isSignedBy({ ...right, publicKeys }), true, "one key follows the other");
  }
  assert.equal(await isSignedBy({ ...right, publicKeys: [`${key} a comment`] }), true);
  const crlf = right.signature.replaceAll("\n", "\r\n");
  assert.equal(await isSignedBy({ ...right, signature: crlf }), true);
});

Deno.test(
  { name: "a signature by another key, or for another message or purpose, is rejected", ignore },
  async () => {
    const right = await signed();
    const { message, signature, other } = right;
    const wrong: Record<string, Partial<Signed>> = {
      "another message": { message: new Uint8Array([...message, 10]) },
      "no message": { message: new Uint8Array() },
      "another key": { publicKeys: [other] },
      "no key": { publicKeys: [] },
      "an empty key": { publicKeys: [""] },
      "another purpose": { namespace: "file" },
      "no signature": { signature: "" },
      "a truncated signature": {
        signature: signature.replace(/(\n.{70}\n)[\s\S]*(-----END)/, "$1$2"),
      },
      "a signature that is not base64": { signature: signature.replace(/\n./, "\n?") },
    };
    for (const [what, change] of Object.entries(wrong)) {
      assert.equal(await isSignedBy({ ...right, ...change }), false, what);
    }
    // Every changed byte is detected.
    const [, base64 = ""] = /-\n([\s\S]*)\n-/.exec(signature) ?? [];
    const bytes = Uint8Array.from(atob(base64.replaceAll("\n", "")), (one) => one.charCodeAt(0));
    for (let i = 0; i < bytes.length; i++) {
      const changed = bytes.with(i, (bytes[i] ?? 0) ^ 1);
      const text = `-----BEGIN SSH SIGNATURE-----\n${btoa(String.fromCharCode(...changed))}\n` +
        "-----END SSH SIGNATURE-----\n";
      assert.equal(await isSignedBy({ ...right, signature: text }), false, `byte ${i}`);
    }
  },
);
