import assert from "node:assert/strict";
import { Failure } from "../../src/failure.ts";
import { Sensitive } from "../../src/secrecy/sensitive.ts";
import {
  type McpLogin,
  mcpLoginServers,
  readMcpLogin,
  removeMcpLogin,
  storeMcpLogin,
  withMcpLoginsLock,
} from "../../src/store/mcp_logins.ts";
import { InProcess } from "../support/in_process.ts";
import { assertMode } from "../support/modes.ts";

const LOGIN: McpLogin = {
  server: "https://mcp.example.com/mcp",
  resource: "https://mcp.example.com/mcp",
  issuer: "https://login.example.com",
  clientId: "client",
  authorizationEndpoint: "https://login.example.com/authorize",
  tokenEndpoint: "https://login.example.com/token",
  revocationEndpoint: undefined,
  accessToken: new Sensitive("access-token-of-the-store"),
  refreshToken: undefined,
  expiresAt: new Date("2999-01-01T00:00:00Z"),
  isProven: false,
};

Deno.test("a login is stored for one address, readable only by its owner", async () => {
  using home = new InProcess();
  const { folder } = home;
  await withMcpLoginsLock({ folder: () => folder }, async () => {
    await storeMcpLogin(folder, LOGIN);
    await storeMcpLogin(folder, { ...LOGIN, server: "https://other.example.com/", isProven: true });
  });
  assertMode(`${folder}/mcp-logins.json`, 0o600);
  const read = readMcpLogin(folder, LOGIN.server) ?? assert.fail("no login");
  assert(read.accessToken.equals(LOGIN.accessToken));
  assert.deepEqual({ ...read, accessToken: LOGIN.accessToken }, LOGIN);
  assert.equal(readMcpLogin(folder, "https://other.example.com/")?.isProven, true);
  for (const server of ["https://mcp.example.com", "https://mcp.example.com/mcp/", "toString"]) {
    assert.equal(readMcpLogin(folder, server), undefined, server);
  }
  await withMcpLoginsLock({ folder: () => folder }, () => removeMcpLogin(folder, LOGIN.server));
  assert.deepEqual(mcpLoginServers(folder), ["https://other.example.com/"]);
});

Deno.test("a corrupt file is an error that does not quote it, and is kept", async () => {
  using home = new InProcess();
  const { folder } = home;
  Deno.mkdirSync(folder, { mode: 0o700 });
  const path = `${folder}/mcp-logins.json`;
  const entry = { [LOGIN.server]: { access_token: "token-in-a-corrupt-file" } };
  for (const text of ["token-in-a-corrupt-file", "[]", JSON.stringify(entry)]) {
    Deno.writeTextFileSync(path, text, { mode: 0o600 });
    assert.throws(() => readMcpLogin(folder, LOGIN.server), (error) => {
      assert(error instanceof Failure && error.kind === "file");
      assert.doesNotMatch(error.message, /token-in-a/);
      return true;
    });
  }
  Deno.writeTextFileSync(path, "{", { mode: 0o600 });
  await assert.rejects(storeMcpLogin(folder, LOGIN), Failure);
  assert.equal(Deno.readTextFileSync(path), "{");
});
