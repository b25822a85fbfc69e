import assert from "node:assert/strict";
import { Answers, json } from "../../support/answers.ts";
import { isAvailable, succeeds, TestMachine } from "../../support/test_machine.ts";

const withoutOpenssl = !isAvailable("openssl", () => succeeds("openssl", "version"));

/** A private certificate authority, and a certificate of it for localhost. */
const SCRIPT = `
set -e
openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj "/CN=Private CA" \\
  -addext basicConstraints=critical,CA:TRUE
openssl req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=localhost
printf 'subjectAltName=DNS:localhost\\nbasicConstraints=CA:FALSE\\n' > extensions
openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 \\
  -extfile extensions -out server.pem
`;

Deno.test({
  name: "a server with a certificate of a private authority is trusted through SSL_CERT_FILE",
  ignore: withoutOpenssl,
}, async () => {
  await using machine = new TestMachine();
  const folder = `${machine.path}/tls`;
  await Deno.mkdir(folder);
  const made = await machine.startProgram(["sh", "-c", SCRIPT], { cwd: folder }).end();
  assert.equal(made.code, 0, made.stderr);
  await using server = Deno.serve(
    {
      hostname: "127.0.0.1",
      port: 0,
      cert: await Deno.readTextFile(`${folder}/server.pem`),
      key: await Deno.readTextFile(`${folder}/server.key`),
      onListen: () => {},
    },
    () => Response.json({ items: [] }),
  );
  const env = {
    ARCADE_API_KEY: "arc_key",
    ARCADE_ENGINE_URL: `https://localhost:${server.addr.port}`,
  };
  const trusted = { ...env, SSL_CERT_FILE: `${folder}/ca.pem` };
  const { code, stderr } = await machine.run(["secret", "list"], { env: trusted });
  assert.equal(code, 0, stderr);
  const refused = await machine.run(["secret", "list"], { env });
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /TLS failed\n {2}Check its certificate/);
  // A file that does not exist adds nothing, and takes nothing away.
  for (const SSL_CERT_FILE of ["", `${folder}/none.pem`]) {
    await using plain = new Answers(() => json({ items: [] }));
    const unharmed = { ...env, SSL_CERT_FILE, ARCADE_ENGINE_URL: plain.url };
    assert.equal((await machine.run(["secret", "list"], { env: unharmed })).code, 0);
    const { stderr } = await machine.run(["secret", "list"], { env: { ...env, SSL_CERT_FILE } });
    assert.match(stderr, /TLS failed/);
  }
});
