import assert from "node:assert/strict";
import { VERSION } from "../../../src/version.ts";
import { call, rawRequest, start } from "../harness.ts";

const PATH = "/.well-known/arcade";

Deno.test("discovery lists the addresses of the server, without a login", async () => {
  await using fixture = await start();
  for (const origin of [fixture.url, fixture.url.replace("127.0.0.1", "localhost")]) {
    const answer = await call(origin + PATH, { stranger: true });
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get("content-type") ?? "", /^application\/json/);
    const { deployments, ...rest } = JSON.parse(answer.text);
    assert.deepEqual(rest, {
      engine: origin,
      coordinator: origin,
      dashboard: origin,
      version: VERSION,
    });
    // Without `deployments` the Python CLI refuses to log in.
    assert.deepEqual(deployments, { enabled: true, reason: "" });
  }
});

Deno.test("the dashboard address in discovery asks for the code", async () => {
  await using fixture = await start();
  const answer = await call(fixture.url + PATH, { stranger: true });
  const page = await call(answer.textAt("dashboard"), { stranger: true });
  assert.equal(page.status, 403);
  assert.match(page.text, /shows a code/);
});

Deno.test("discovery is refused under a foreign Host, and from a foreign page", async () => {
  await using fixture = await start();
  const { port } = fixture.arcade;
  const get = `GET ${PATH} HTTP/1.1`;
  assert.equal(await rawRequest(port, [get, `Host: evil.example:${port}`]), 403);
  const foreign = [get, `Host: 127.0.0.1:${port}`, "Origin: http://evil.example"];
  assert.equal(await rawRequest(port, foreign), 403);
});

Deno.test("another well-known address gets a 404 in JSON", async () => {
  await using fixture = await start();
  const answer = await call(`${fixture.url}/.well-known/openid-configuration`);
  assert.equal(answer.status, 404);
  assert.equal(answer.at("name"), "route_not_found");
});
