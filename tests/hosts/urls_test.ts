import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type AddressFlags,
  coordinatorUrl,
  engineUrl,
  pathSegment,
  serviceAddress,
} from "../../src/hosts/urls.ts";
import { Failure } from "../../src/failure.ts";

const coordinators: [flags: AddressFlags, expected: string][] = [
  [{}, "https://cloud.arcade.dev"],
  [{ host: "localhost" }, "http://localhost:8000"],
  [{ host: "localhost", port: 9000 }, "http://localhost:9000"],
  [{ host: "localhost:9000" }, "http://localhost:9000"],
  [{ host: "localhost", tls: true }, "https://localhost:8000"],
  [{ host: "example.com" }, "https://example.com"],
  [{ host: "example.com", port: 8443 }, "https://example.com:8443"],
  [{ host: "example.com:8443" }, "https://example.com:8443"],
  [{ host: "example.com:8443", port: 1 }, "https://example.com:1"],
  [{ host: "example.com:80" }, "https://example.com:80"],
  [{ host: "example.com:443", tls: false }, "http://example.com:443"],
  [{ host: "example.com", tls: false }, "http://example.com"],
  [{ host: "::1" }, "https://[::1]"],
  [{ host: "[::1]:8000", tls: false }, "http://[::1]:8000"],
  [{ host: "2001:db8::2", port: 81 }, "https://[2001:db8::2]:81"],
  [{ host: "bücher.example" }, "https://xn--bcher-kva.example"],
  [{ host: "my_host.internal" }, "https://my_host.internal"],
  [{ port: 444 }, "https://cloud.arcade.dev:444"],
];
for (const [flags, expected] of coordinators) {
  Deno.test(`coordinatorUrl(${JSON.stringify(flags)}) is ${expected}`, () => {
    assert.equal(coordinatorUrl(flags, {}), expected);
  });
}

const engines: [flags: AddressFlags, expected: string][] = [
  [{}, "https://api.arcade.dev"],
  [{ host: "localhost" }, "http://localhost:9099"],
  [{ host: "127.0.0.1" }, "http://127.0.0.1:9099"],
  [{ host: "0.0.0.0" }, "http://0.0.0.0:9099"],
  [{ host: "127.0.0.1:80" }, "http://127.0.0.1"],
  [{ host: "127.0.0.1", port: 1234, tls: true }, "https://127.0.0.1:1234"],
];
for (const [flags, expected] of engines) {
  Deno.test(`engineUrl(${JSON.stringify(flags)}) is ${expected}`, () => {
    assert.equal(engineUrl(flags, {}), expected);
  });
}

Deno.test("coordinatorUrl() prefers the flag, then the environment, then the credentials, then the default", () => {
  const env = { ARCADE_COORDINATOR_URL: "http://127.0.0.1:1111/" };
  const stored = "https://stored.example";
  assert.equal(coordinatorUrl({ host: "flag.example" }, env, stored), "https://flag.example");
  assert.equal(coordinatorUrl({}, env, stored), "http://127.0.0.1:1111");
  assert.equal(coordinatorUrl({}, {}, stored), "https://stored.example");
  assert.equal(coordinatorUrl({}, {}), "https://cloud.arcade.dev");
});

Deno.test("a port or TLS flag alone changes the known address", () => {
  const env = { ARCADE_ENGINE_URL: "https://engine.example/base" };
  assert.equal(engineUrl({ port: 8443 }, env), "https://engine.example:8443/base");
  assert.equal(engineUrl({ tls: false }, env), "http://engine.example/base");
});

for (
  const host of [
    "",
    " ",
    "a b",
    "a/b",
    "user@host",
    "a?b",
    "a#b",
    "host:99999",
    "host:port",
    "[::1",
    "a\\b",
    "%41",
  ]
) {
  Deno.test(`--host ${JSON.stringify(host)} is rejected`, () => {
    assert.throws(
      () => coordinatorUrl({ host }, {}),
      (error) => error instanceof Failure && error.kind === "usage",
    );
  });
}

for (
  const url of [
    "cloud.arcade.dev",
    "ftp://x",
    "http://",
    "javascript:alert(1)",
    "https://user:pw@x",
  ]
) {
  Deno.test(`ARCADE_COORDINATOR_URL=${url} is rejected without repeating it`, () => {
    assert.throws(() => coordinatorUrl({}, { ARCADE_COORDINATOR_URL: url }), (error) => {
      assert(error instanceof Failure);
      assert.equal(error.kind, "usage");
      assert(!error.message.includes(url));
      return true;
    });
  });
}

const label = fc.stringMatching(/^[a-z]([a-z0-9_-]{0,10}[a-z0-9])?$/)
  .filter((text) => !text.startsWith("xn--")); // the rest would have to be Punycode
const hostName = fc.array(label, { minLength: 2, maxLength: 4 }).map((labels) => labels.join("."));
const port = fc.integer({ min: 1, max: 65_535 });

Deno.test("host and port give the same address, together or separately", () => {
  fc.assert(
    fc.property(
      hostName,
      port,
      fc.option(fc.boolean(), { nil: undefined }),
      (host, number, tls) => {
        const together = engineUrl({ host: `${host}:${number}`, tls }, {});
        assert.equal(engineUrl({ host, port: number, tls }, {}), together);
        const url = new URL(together);
        assert.equal(url.hostname, host);
        assert.equal(url.protocol, tls === false ? "http:" : "https:");
        assert.equal(url.port || (tls === false ? "80" : "443"), String(number));
      },
    ),
  );
});

Deno.test("every IPv6 address is accepted with and without brackets, with the same result", () => {
  fc.assert(fc.property(fc.ipV6(), port, (address, number) => {
    const bare = engineUrl({ host: address, port: number }, {});
    assert.equal(engineUrl({ host: `[${address}]`, port: number }, {}), bare);
    assert.equal(engineUrl({ host: `[${address}]:${number}` }, {}), bare);
  }));
});

Deno.test("no host adds a path, a query or a user to the address", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), (host) => {
    let url: URL;
    try {
      url = new URL(engineUrl({ host }, {}));
    } catch (error) {
      assert(error instanceof Failure);
      return;
    }
    assert.equal(url.pathname + url.search + url.hash + url.username + url.password, "/");
  }));
});

Deno.test("pathSegment() keeps every name within one segment", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", minLength: 1 }), (name) => {
    let segment: string;
    try {
      segment = pathSegment(name);
    } catch (error) {
      assert(error instanceof Failure);
      return;
    }
    const url = new URL(`http://x/secrets/${segment}`);
    assert.equal(url.pathname.split("/").length, 3);
    assert.equal(decodeURIComponent(url.pathname.slice("/secrets/".length)), name);
  }));
  for (const name of ["", ".", "..", "\uD800"]) assert.throws(() => pathSegment(name), Failure);
});

Deno.test("serviceAddress() drops final slashes, however many there are elsewhere", () => {
  const slashes = "/".repeat(1900);
  assert.equal(serviceAddress(`https://a.test/x${slashes}`, "test"), "https://a.test/x");
  assert.equal(
    serviceAddress(`https://a.test/${slashes}x`, "test"),
    `https://a.test/${slashes}x`,
  );
});

Deno.test("an address of more than 2000 characters is refused, and not repeated", () => {
  const address = `https://a.test/${"x".repeat(2000)}`;
  assert.throws(() => serviceAddress(address, "test"), {
    message: "test is longer than 2000 characters",
  });
});
