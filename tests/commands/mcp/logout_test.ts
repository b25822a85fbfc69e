import assert from "node:assert/strict";
import { InProcess } from "../../support/in_process.ts";
import { ProtectedMcpServer } from "../../support/protected_mcp_server.ts";

Deno.test("mcp logout removes the login at one server and revokes it there, and logout --all the others", async () => {
  using home = new InProcess();
  await using first = new ProtectedMcpServer();
  await using second = new ProtectedMcpServer();
  await using third = new ProtectedMcpServer();
  for (const { url } of [first, second, third]) {
    assert.equal((await home.run(["gateway", "test", url])).code, 0);
  }
  const stored = () =>
    Object.keys(JSON.parse(Deno.readTextFileSync(`${home.folder}/mcp-logins.json`)));
  const { stdout } = await home.complete(["fish", "mcp", "logout", ""]);
  for (const { url } of [first, second, third]) assert(stdout.includes(url), stdout);

  const one = await home.run(["mcp", "logout", first.url]);
  assert.equal(one.code, 0, one.stderr);
  assert.match(one.stderr, /^Logged out of http:/);
  assert(first.asked.includes("POST /oauth2/revoke"));
  assert.deepEqual(stored(), [second.url, third.url]);
  const again = await home.run(["mcp", "logout", first.url]);
  assert.equal(again.code, 1);
  assert.match(again.stderr, /No login is stored for/);

  assert.equal((await home.run(["logout"])).code, 0);
  assert.deepEqual(stored(), [second.url, third.url]);
  const all = await home.run(["logout", "--all"]);
  assert.equal(all.code, 0, all.stderr);
  assert(second.asked.includes("POST /oauth2/revoke"));
  assert(third.asked.includes("POST /oauth2/revoke"));
  assert.deepEqual(stored(), []);
});

Deno.test("a login that cannot be revoked is removed, with a warning", async () => {
  using home = new InProcess();
  await using server = new ProtectedMcpServer({
    answer: ({ path }) =>
      path === "/oauth2/revoke" ? new Response(null, { status: 500 }) : undefined,
  });
  await home.run(["gateway", "test", server.url]);
  const { code, stderr } = await home.run(["mcp", "logout", server.url]);
  assert.equal(code, 0);
  assert.match(stderr, /could not revoke the login at http:/);
});

for (const [typo, meant] of [["prxy", "proxy"], ["logot", "logout"], ["sdtio", "stdio"]] as const) {
  Deno.test(`\`arcade mcp ${typo}\` leads to \`arcade mcp ${meant}\``, async () => {
    using home = new InProcess();
    const { code, stderr } = await home.run(["mcp", typo, "support"]);
    assert.equal(code, 127);
    assert.ok(stderr.includes(`Did you mean \`arcade mcp ${meant}\`?`), stderr);
  });
}
