import assert from "node:assert/strict";
import { RawAnswers } from "../../support/answers.ts";
import { makeCertificates, withoutOpenssl } from "../../support/certificates.ts";
import { Services } from "../../support/services.ts";
import { assertRefused, TestMachine } from "../../support/test_machine.ts";

const LIST = ["secret", "list"];
const VARIABLES = ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "DENO_CERT"];
const EMPTY = "No secrets yet. Store one with `arcade secret set KEY`\n";
const UNKNOWN = /TLS failed, its certificate is self-signed or from an unknown CA\n {2}/;

/** A machine, a server without secrets with a certificate for localhost, and the variables to use it. */
async function setUp() {
  const machine = new TestMachine();
  const certificates = await makeCertificates(machine);
  const server = new Services(undefined, { certificate: certificates.server });
  return {
    ...certificates,
    machine,
    env: environmentOf(server),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await machine[Symbol.asyncDispose]();
    },
  };
}

function environmentOf({ url }: Services) {
  const { port } = new URL(url);
  return { ARCADE_API_KEY: "arc_key", ARCADE_ENGINE_URL: `https://localhost:${port}` };
}

Deno.test({
  name: "variables add private certificate authorities",
  ignore: withoutOpenssl,
}, async (t) => {
  await using service = await setUp();
  const { machine, authority, env } = service;
  assertRefused(await machine.run(LIST, { env }), 7, UNKNOWN);
  for (const variable of VARIABLES) {
    await t.step(variable, async () => {
      const paths = [authority, "../tls/ca.pem"]; // relative to the home folder
      for (const path of paths) {
        const ran = await machine.run(LIST, { env: { ...env, [variable]: path } });
        assert.deepEqual([ran.code, ran.stderr], [0, EMPTY]);
      }
      assertRefused(await machine.run(LIST, { env: { ...env, [variable]: "" } }), 7, UNKNOWN);
    });
  }
  await t.step("DENO_TLS_CA_STORE, with them", async () => {
    for (const store of ["mozilla", "system", "system, mozilla", ","]) {
      const chosen = { ...env, DENO_TLS_CA_STORE: store, SSL_CERT_FILE: authority };
      const { code, stderr } = await machine.run(LIST, { env: chosen });
      assert.equal(code, 0, stderr);
    }
    const wrong = { ...env, DENO_TLS_CA_STORE: "netscape" };
    assertRefused(
      await machine.run(LIST, { env: wrong }),
      2,
      /DENO_TLS_CA_STORE: expected mozilla/,
    );
  });
});

Deno.test({
  name: "an unusable certificate file is named, without its content",
  ignore: withoutOpenssl,
}, async (t) => {
  await using service = await setUp();
  const { machine, authority, env } = service;
  const good = Deno.readTextFileSync(authority);
  const bad = `-----BEGIN CERTIFICATE-----\n${
    btoa("CANARY, not DER")
  }\n-----END CERTIFICATE-----\n`;
  const write = (name: string, text: string) => {
    Deno.writeTextFileSync(`${machine.path}/${name}`, text);
    return `${machine.path}/${name}`;
  };
  const files: [path: string, why: string][] = [
    [`${machine.path}/none.pem`, "does not exist"],
    [machine.path, "is a folder"],
    ["/dev/null", "is not a file"],
    [write("empty.pem", " \n"), "is empty"],
    [write("text.pem", "CANARY"), "contains no certificate in PEM"],
    [`${machine.path}/tls/ca.key`, "contains no certificate in PEM"],
  ];
  if (Deno.build.os === "linux") files.push(["/proc/self/mem", "cannot be read"]); // not even by root
  const usable = { ...env, DENO_CERT: authority };
  for (const [path, why] of files) {
    await t.step(why, async () => {
      for (const variable of VARIABLES) {
        const sentence = `${variable}: "${path}" ${why}`;
        const refused = await machine.run(LIST, { env: { ...env, [variable]: path } });
        assertRefused(refused, 7, UNKNOWN);
        assert(refused.stderr.startsWith(`Warning: ${sentence}\n`), refused.stderr);
        assert(refused.stderr.endsWith(`\n  Check ${sentence}\n`), refused.stderr);
        assert.doesNotMatch(refused.stderr, /CANARY/);
        if (variable === "DENO_CERT") continue;
        // The other files still count.
        const { code, stderr } = await machine.run(LIST, { env: { ...usable, [variable]: path } });
        assert.deepEqual([code, stderr], [0, `Warning: ${sentence}\n${EMPTY}`]);
      }
    });
  }
  const incomplete: [name: string, text: string, count: string][] = [
    ["bad last", good + bad, "1 of 2"],
    ["bad first", bad + good, "1 of 2"],
    ["not base64", good + bad.replace(/Q/, "!"), "1 of 2"],
    ["without an end", good + good.slice(0, 100), "1 of 2"],
  ];
  for (const [name, text, count] of incomplete) {
    await t.step(name, async () => {
      const path = write("mixed.pem", text);
      for (const store of ["", "system"]) {
        const mixed = { ...env, SSL_CERT_FILE: path, DENO_TLS_CA_STORE: store };
        const { code, stderr } = await machine.run(LIST, { env: mixed });
        const warning = `SSL_CERT_FILE: ${count} certificates in "${path}" cannot be used`;
        assert.deepEqual([code, stderr], [0, `Warning: ${warning}\n${EMPTY}`]);
      }
    });
  }
  await t.step("a command without TLS does not read it", async () => {
    const { code, stderr } = await machine.run(["whoami"], {
      env: { ...env, SSL_CERT_FILE: machine.path },
    });
    assert.deepEqual([code, stderr], [0, ""]);
    await machine.serveInProcess();
    const plain = { ARCADE_API_KEY: "arc_key", SSL_CERT_FILE: machine.path };
    assert.doesNotMatch((await machine.run(LIST, { env: plain })).stderr, /SSL_CERT_FILE|Warning/);
  });
});

Deno.test({ name: "a failure of TLS has a reason", ignore: withoutOpenssl }, async (t) => {
  await using machine = new TestMachine();
  const { authority, bad } = await makeCertificates(machine);
  const reasons = {
    expired: /TLS failed, its certificate has expired\n {2}Check the clock/,
    future: /TLS failed, its certificate is not valid yet\n {2}Check the clock/,
    elsewhere: /TLS failed, its certificate is for another name\n {2}Check the host/,
    "self-signed": UNKNOWN,
    authority: /TLS failed, its certificate is self-signed and is a CA certificate\n {2}/,
  } as const;
  for (const name of ["expired", "future", "elsewhere", "self-signed", "authority"] as const) {
    await t.step(name, async () => {
      await using server = new Services(undefined, { certificate: bad[name] });
      const env = { ...environmentOf(server), SSL_CERT_FILE: authority };
      assertRefused(await machine.run(LIST, { env }), 7, reasons[name]);
    });
  }
  const ALERT = (code: number) => `\x15\x03\x03\x00\x02\x02${String.fromCharCode(code)}`;
  const raw: [name: string, answer: string, reason: RegExp][] = [
    [
      "no TLS",
      "HTTP/1.1 400 Bad Request\r\n\r\n",
      /TLS failed, the server does not use TLS\n {2}Check/,
    ],
    [
      "an old version",
      ALERT(70),
      /TLS failed, the server does not support a secure TLS version\n/,
    ],
    ["no answer", "", /TLS failed, the server closed the connection during the handshake\n/],
  ];
  for (const [name, answer, reason] of raw) {
    await t.step(name, async () => {
      using server = new RawAnswers(answer);
      const env = {
        ARCADE_API_KEY: "arc_key",
        ARCADE_ENGINE_URL: server.url.replace("http:", "https:"),
      };
      assertRefused(await machine.run(LIST, { env }), 7, reason);
    });
  }
});
