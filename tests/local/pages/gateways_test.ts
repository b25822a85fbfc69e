import assert from "node:assert/strict";
import { ApiProject } from "../../support/workers.ts";
import { call, hidden, post, start } from "../harness.ts";

Deno.test("the page of a project creates, shows, closes, opens and removes gateways", async () => {
  await using fixture = await start();
  const { url } = fixture;
  const { project, ...api } = await ApiProject.of(fixture);
  const path = `/projects/${project}`;
  const form = "/dashboard/gateways";
  const created = await post(url + form, { project, name: "My <tools>" });
  assert.deepEqual([created.status, created.headers.get("location")], [303, `${path}#gateways`]);
  const read = async () => {
    const list = await call(`${url}/v1/gateways`, { token: api.token });
    return { id: list.textAt("items", 0, "id"), status: list.textAt("items", 0, "status") };
  };
  const { id, status } = await read();
  assert.equal(status, "active");
  const page = await call(url + path);
  assert.match(page.text, /My &lt;tools&gt;/);
  assert(page.text.includes(`${url}/mcp/${id.replace("_", "-")}</pre>`));
  assert.match((await call(`${url}/?filter=MY+%3Ctools`)).text, /gateway <bdi>My &lt;tools&gt;/);

  for (const expected of ["inactive", "active"]) {
    const page = await call(url + path);
    const change = { gateway: hidden(page.text, "gateway"), status: hidden(page.text, "status") };
    const changed = await post(url + form, change);
    assert.equal(changed.headers.get("location"), `${path}#${id}`);
    assert.equal((await read()).status, expected);
  }
  const removal = { kind: "gateway", id };
  const question = await call(`${url}/dashboard/remove?${new URLSearchParams(removal)}`);
  assert.match(question.text, /the gateway/);
  assert.equal((await post(`${url}/dashboard/remove`, removal)).status, 303);
  assert.match((await call(url + path)).text, /No gateways yet/);
});

Deno.test("the forms of gateways are for browsers that were let in, and refuse wrong fields", async () => {
  await using fixture = await start();
  const { url } = fixture;
  const { project } = await ApiProject.of(fixture);
  const path = `${url}/projects/${project}`;
  assert.equal((await call(path, { stranger: true })).status, 403);
  const form = { project, name: "G" };
  const address = `${url}/dashboard/gateways`;
  assert.equal((await call(address, { form, stranger: true })).status, 403);
  assert.equal((await post(address, { project: "unknown", name: "G" })).status, 422);
  assert.equal((await post(address, { project, name: " " })).status, 422);
  assert.match((await call(path)).text, /No gateways yet/);
});
