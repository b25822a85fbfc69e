import assert from "node:assert/strict";
import fc from "fast-check";
import { Failure } from "../../src/failure.ts";
import { hubKeyOf, hubOf, parseHub } from "../../src/hosts/hub.ts";

const written: [key: string, forms: string[]][] = [
  ["musehub.ai", [
    "musehub.ai",
    "MUSEHUB.AI/",
    "MuseHub.AI",
    "musehub.ai:443",
    "musehub.ai:0443",
    "musehub.ai.",
    "musehub.ai...",
    "musehub.ai///",
    "https://musehub.ai",
    "HTTPS://MUSEHUB.AI:443/",
    "https://admin:s3cr3t@MuseHub.AI/repos/x",
    "admin:s3cr3t@musehub.ai",
    "https://a@b@musehub.ai",
    "https://musehub.ai?token=x",
    "musehub.ai#fragment",
    "musehub.ai/a:b@c",
    "musehub。ai",
    "mus%65hub.ai",
    "ｍｕｓｅｈｕｂ.ai",
  ]],
  ["musehub.ai:8443", ["musehub.ai:8443", "https://u:p@MuseHub.ai.:8443/x?y#z"]],
  ["staging.musehub.ai", ["staging.musehub.ai", "Staging.MuseHub.AI"]],
  ["xn--bcher-kva.example", ["bücher.example", "BÜCHER.example.", "xn--bcher-kva.example"]],
  ["[2001:db8::1]", ["[2001:DB8::1]", "2001:db8:0:0::1", "https://[2001:db8::1]:443/"]],
  ["[::1]:8000", ["[::1]:8000", "http://[::1]:8000", "https://[0:0::1]:8000"]],
  ["127.0.0.1:8000", ["127.0.0.1:8000", "http://127.0.0.1:8000/", "http://127.1:8000"]],
  ["localhost:8000", ["localhost:8000", "http://localhost:8000/api", "http://LOCALHOST.:8000"]],
  ["localhost:80", ["http://localhost", "http://localhost:80", "localhost:80"]],
  ["localhost", ["localhost", "https://localhost"]],
  ["10.0.0.1", ["10.0.0.1", "https://10.0.0.1"]],
  ["under_score.example", ["under_score.example", "https://Under_Score.example"]],
  ["__proto__", ["__proto__"]],
];
for (const [key, forms] of written) {
  for (const form of forms) {
    Deno.test(`parseHub() reads ${JSON.stringify(form)} as ${key}`, () => {
      assert.equal(parseHub(form), key);
    });
  }
}

const noHubs = [
  "",
  " ",
  "\t",
  "https://",
  "http://",
  "https:///musehub.ai",
  "//musehub.ai",
  "/musehub.ai",
  "https:/musehub.ai",
  "https:musehub.ai",
  " musehub.ai",
  "musehub.ai ",
  "muse hub.ai",
  "musehub.ai\n",
  "muse\thub.ai",
  "muse\x00hub.ai",
  "muse\x7fhub.ai",
  "muse\u0085hub.ai",
  "muse\u00a0hub.ai",
  "musehub.ai\\x",
  "https:\\\\musehub.ai",
  "http://musehub.ai",
  "http://10.0.0.1",
  "http://localhost.example",
  "ftp://musehub.ai",
  "ssh://git@musehub.ai",
  "file:///etc/passwd",
  "musehub.ai:",
  "musehub.ai:99999",
  "musehub.ai:-1",
  "musehub.ai:port",
  ".",
  "a..b",
  ".musehub.ai",
  "*.musehub.ai",
  "token=abc",
  "a,b",
  "[::1",
  "::1]",
  "[]",
  "fe80::1%eth0",
  "256.1.1.1",
  "@",
  "user@",
  "https://user:pass@/x",
  "xn--",
  "https://xn--a.example\u00ad:x",
  "\ud800.example",
];
for (const form of noHubs) {
  Deno.test(`parseHub() rejects ${JSON.stringify(form)}`, () => {
    assert.throws(
      () => parseHub(form),
      (error) => error instanceof Failure && error.kind === "usage",
    );
    assert.equal(hubOf(form), undefined);
  });
}

Deno.test("parseHub() does not repeat a password when it rejects a hub", () => {
  for (
    const form of ["https://admin:CANARY@", "http://admin:CANARY@musehub.ai", "ssh://CANARY@x y"]
  ) {
    assert.throws(
      () => parseHub(form),
      (error) =>
        error instanceof Failure && !/CANARY/.test(`${error.message} ${error.next} ${error.cause}`),
    );
  }
});

const requests: [url: string, key: string | undefined][] = [
  ["https://musehub.ai/repos/x?y#z", "musehub.ai"],
  ["https://musehub.ai:8443/", "musehub.ai:8443"],
  ["https://user:pass@musehub.ai/", "musehub.ai"],
  ["https://musehub.ai./", "musehub.ai"],
  ["https://localhost/", "localhost"],
  ["https://127.0.0.1/", "127.0.0.1"],
  ["http://localhost/", "localhost:80"],
  ["http://localhost:8000/", "localhost:8000"],
  ["http://localhost.:8000/", "localhost:8000"],
  ["http://127.0.0.1/", "127.0.0.1:80"],
  ["http://127.8.9.1:8000/", "127.8.9.1:8000"],
  ["http://[::1]:8000/", "[::1]:8000"],
  ["http://musehub.ai/", undefined],
  ["http://musehub.ai:443/", undefined],
  ["http://localhost.example/", undefined],
  ["http://127.0.0.1.example/", undefined],
  ["http://0.0.0.0:8000/", "0.0.0.0:8000"],
  ["http://128.0.0.1/", undefined],
  ["http://[::2]/", undefined],
  ["http://[::ffff:127.0.0.1]/", undefined],
  ["ws://localhost/", undefined],
  ["ftp://localhost/", undefined],
  ["file:///musehub.ai", undefined],
];
for (const [url, key] of requests) {
  Deno.test(`hubKeyOf() returns ${key} for a request to ${url}`, () => {
    assert.equal(hubKeyOf(new URL(url)), key);
  });
}

const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,6}[a-z0-9])?$/);
const host = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join("."));
const port = fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined });

Deno.test("a key is parsed as itself", () => {
  fc.assert(fc.property(host, port, (host, port) => {
    const key = hubOf(port === undefined ? host : `${host}:${port}`);
    if (key !== undefined) assert.equal(hubOf(key), key);
  }));
  fc.assert(fc.property(fc.ipV6(), (address) => {
    const key = parseHub(address);
    assert.equal(parseHub(key), key);
    assert.match(key, /^\[[\da-f:]+\]$/);
  }));
});

Deno.test("scheme, path and case do not matter, and the key equals that of requests to the host", () => {
  const secret = fc.stringMatching(/^[A-Za-z0-9:._~-]{0,8}$/);
  const path = fc.stringMatching(
    /^(\/[A-Za-z0-9:@._~-]{0,6}){0,3}(\?[a-z=&@]{0,6})?(#[a-z@:]{0,4})?$/,
  );
  const form = fc.record({
    host,
    port,
    scheme: fc.constantFrom("", "https://", "HTTPS://"),
    secret,
    dots: fc.constantFrom("", ".", ".."),
    path,
    upper: fc.boolean(),
  });
  fc.assert(
    fc.property(form, ({ host, port, scheme, secret, dots, path, upper }) => {
      const suffix = port === undefined ? "" : `:${port}`;
      const url = URL.parse(`https://${host}${suffix}`);
      const expected = url ? hubKeyOf(url) : undefined;
      const user = secret === "" ? "" : `${secret}@`;
      const typed = `${scheme}${user}${upper ? host.toUpperCase() : host}${dots}${suffix}${path}`;
      assert.equal(hubOf(typed), expected, typed);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("a host that is parsed without `URL` gives the same result as with it", () => {
  const plain = fc.stringMatching(/^([a-z\d-]{1,5}\.){1,3}[a-z]{2,4}$/);
  fc.assert(
    fc.property(plain, (host) => {
      const url = URL.parse(`https://${host}`);
      assert.equal(hubOf(host), url ? hubKeyOf(url) : undefined, host);
    }),
    { numRuns: 3000 },
  );
  assert.equal(hubOf("xn--0.example"), undefined);
});
