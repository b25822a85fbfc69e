import assert from "node:assert/strict";
import { refusal } from "../../src/local/foreign_requests.ts";
import { call, codeFor, post, rawRequest, start } from "./harness.ts";

Deno.test("a request with a foreign Host is refused", async () => {
  await using fixture = await start();
  const { port } = fixture.arcade;
  const get = (host: string[]) => rawRequest(port, ["GET /v1/health HTTP/1.1", ...host]);
  for (const name of ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"]) {
    assert.equal(await get([`Host: ${name}:${port}`]), 200, name);
  }
  const broken = [
    "[::1",
    "",
    "a b",
    `127.0.0.1:${port}/x`,
    `x@127.0.0.1:${port}`,
    "127.0.0.1:99999",
  ];
  for (const host of broken) assert.equal(await get([`Host: ${host}`]), 400, host);
  assert.equal(await get([]), 400);
  assert.equal(await get([`Host: 127.0.0.1:${port}`, `Host: 127.0.0.1:${port}`]), 400);
  const absolute = ["GET http://evil.example/v1/health HTTP/1.1", `Host: 127.0.0.1:${port}`];
  assert.equal(await rawRequest(port, absolute), 400);
  const foreign = [
    `evil.example:${port}`,
    "127.0.0.1",
    `127.0.0.1:${port + 1}`,
    `127.0.0.1.evil.example:${port}`,
    `127.0.0.2:${port}`,
    `[::2]:${port}`,
  ];
  for (const host of foreign) {
    assert.equal(await get([`Host: ${host}`]), 403, host);
  }
});

Deno.test("a request from a page of another site is refused and changes nothing", async () => {
  await using fixture = await start();
  const { url } = fixture;
  await codeFor(url);
  const before = (await call(url)).text;
  const account = /name="account" value="([^"]*)"/.exec(before)?.[1] ?? "";
  const create = (origin: string) =>
    post(`${url}/dashboard/organizations`, { account, name: "From afar" }, { origin });
  const foreign = ["http://evil.example", "null", "https://127.0.0.1", "http://127.0.0.1"];
  for (const origin of foreign) assert.equal((await create(origin)).status, 403, origin);
  const sameMachine = `http://localhost:${fixture.arcade.port}`;
  assert.equal((await create(sameMachine)).status, 403);
  assert.equal((await call(url)).text, before);
  assert.equal((await create(url)).status, 303);
  assert((await call(url)).text.includes("From afar"));
});

Deno.test("refused requests are logged and answered in JSON", async () => {
  await using fixture = await start();
  const answer = await call(`${fixture.url}/v1/health?x=1`, { headers: { origin: "null" } });
  assert.equal(typeof answer.at("message"), "string");
  assert.deepEqual(fixture.log, ["GET /v1/health 403"]);
});

Deno.test("refusal() accepts the bound host, and any address for a wildcard", () => {
  const passes = (host: string, hostname: string, port = 80) =>
    refusal(new Request("http://x"), { url: new URL(`http://${host}`), hostname, port }) ===
      undefined;
  assert(passes("arcade.test:99", "arcade.test", 99));
  assert(passes("Arcade.Test", "arcade.test"));
  assert(!passes("other.test", "arcade.test"));
  assert(passes("[fe80::1]:99", "fe80::1", 99));
  for (const wildcard of ["0.0.0.0", "::"]) {
    assert(passes("192.168.1.7:99", wildcard, 99));
    assert(passes("[fe80::1]:99", wildcard, 99));
    assert(passes("localhost:99", wildcard, 99));
    assert(!passes("evil.example:99", wildcard, 99));
    assert(!passes("192.168.1.7:98", wildcard, 99));
  }
  assert(!passes("192.168.1.7", "127.0.0.1"));
});
