import assert from "node:assert/strict";
import { Answers, json } from "../../support/answers.ts";
import { makeCertificates, withoutOpenssl } from "../../support/certificates.ts";
import { TestMachine } from "../../support/test_machine.ts";

Deno.test({
  name: "SSL_CERT_FILE adds a private certificate authority",
  ignore: withoutOpenssl,
}, async () => {
  await using machine = new TestMachine();
  const { authority, server: certificate } = await makeCertificates(machine);
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, ...certificate, onListen: () => {} },
    () => Response.json({ items: [] }),
  );
  const env = {
    ARCADE_API_KEY: "arc_key",
    ARCADE_ENGINE_URL: `https://localhost:${server.addr.port}`,
  };
  const trusted = { ...env, SSL_CERT_FILE: authority };
  const { code, stderr } = await machine.run(["secret", "list"], { env: trusted });
  assert.equal(code, 0, stderr);
  const refused = await machine.run(["secret", "list"], { env });
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /TLS failed\n {2}Check its certificate/);
  // A missing file is ignored.
  for (const SSL_CERT_FILE of ["", `${machine.path}/none.pem`]) {
    await using plain = new Answers(() => json({ items: [] }));
    const unharmed = { ...env, SSL_CERT_FILE, ARCADE_ENGINE_URL: plain.url };
    assert.equal((await machine.run(["secret", "list"], { env: unharmed })).code, 0);
    const { stderr } = await machine.run(["secret", "list"], { env: { ...env, SSL_CERT_FILE } });
    assert.match(stderr, /TLS failed/);
  }
});
