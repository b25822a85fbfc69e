import assert from "node:assert/strict";
import { endpointOf, isLoopback, reachableFrom, urlHost } from "../../src/hosts/address.ts";

Deno.test("endpointOf() uses the default ports of schemes, and returns IPv6 addresses without brackets", () => {
  assert.deepEqual(endpointOf("http://127.0.0.1/x"), { hostname: "127.0.0.1", port: 80 });
  assert.deepEqual(endpointOf("https://a.example"), { hostname: "a.example", port: 443 });
  assert.deepEqual(endpointOf(new URL("http://[::1]:9099")), { hostname: "::1", port: 9099 });
});

Deno.test("a server at all addresses is reached at a loopback address", () => {
  for (
    const [hostname, host] of [
      ["0.0.0.0", "127.0.0.1"],
      ["::", "[::1]"],
      ["::1", "[::1]"],
      ["10.0.0.1", "10.0.0.1"],
    ] as const
  ) {
    assert.equal(urlHost(reachableFrom(hostname)), host);
  }
  assert.equal(urlHost("[::1]"), "[::1]");
});

Deno.test("isLoopback() accepts only names of this machine", () => {
  for (const name of ["localhost", "127.0.0.1", "127.1.2.3", "0.0.0.0", "[::1]"]) {
    assert(isLoopback(name), name);
  }
  for (const name of ["localhost.example", "127.0.0.1.example", "10.0.0.1", "[::2]", ""]) {
    assert(!isLoopback(name), name);
  }
});
