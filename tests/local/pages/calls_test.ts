import assert from "node:assert/strict";
import { ApiProject, FakeWorker, parameter, workerTool } from "../../support/workers.ts";
import { call, start } from "../harness.ts";

/** The path of the newest call. */
function targetOf(page: string): string {
  return /href="(\/calls\/tc_[^"]+)"/.exec(page)?.[1] ?? "";
}

const ECHO = workerTool("Echo", {
  input: { parameters: [parameter("text", "string")] },
  requirements: { secrets: [{ key: "ECHO_KEY" }] },
});

Deno.test("the dashboard shows each call with its steps, and none of its values", async () => {
  await using fixture = await start();
  const { url } = fixture;
  const project = await ApiProject.of(fixture);
  assert.match((await call(`${url}/calls`)).text, /No calls yet/);
  await using worker = new FakeWorker([ECHO]);
  await project.register("demo", worker);
  const user = { user_id: "bob@example.com" };
  await project.execute("Demo.Echo", { text: "value-of-input" }, user);
  await project.ask("PUT /admin/secrets/ECHO_KEY", { value: "value-of-secret" });
  await project.execute("demo_echo", { text: "value-of-input" }, user);

  const list = await call(`${url}/calls`);
  assert.match(list.text, /aria-current="true">Calls</);
  const rows = [...list.text.matchAll(/href="(\/calls\/tc_[\w-]+)"><bdi>([^<]*)</g)];
  assert.deepEqual(rows.map(([, , tool]) => tool), ["Demo.Echo", "Demo.Echo"]);
  const [good, bad] = await Promise.all(rows.map(([, path]) => call(url + path)));
  assert(good && bad);
  for (const text of ["bob@example.com", "Default project", "<code>text</code>", "completed"]) {
    assert(good.text.includes(text), text);
  }
  const stepsOf = (page: string) =>
    [...page.matchAll(/<th scope="row">([^<]*)<\/th>\s*<td><span class="(\w+)">/g)]
      .map(([, step, mark]) => [step, mark]);
  const found = ["Find the tool", "Check the grant", "Read the secrets"];
  assert.deepEqual(stepsOf(good.text), [
    ...[...found, "Check the input", "Ask the server"].map((step) => [step, "good"]),
  ]);
  assert.deepEqual(stepsOf(bad.text).map(([, mark]) => mark), ["good", "good", "bad"]);
  assert.match(bad.text, /It failed with <code>tool_requirements_not_met<\/code>/);
  for (const { text } of [list, good, bad]) {
    assert.doesNotMatch(text, /value-of-|<script|arc_local_/);
  }
  await project.execute("Demo.Echo", { other: "value-of-input" });
  const wrong = targetOf((await call(`${url}/calls`)).text);
  assert.deepEqual(stepsOf((await call(url + wrong)).text).at(-1), ["Check the input", "bad"]);
  assert.equal((await call(`${url}/calls/none`)).status, 404);
  for (const path of ["/calls", rows[0]?.[1]]) {
    assert.equal((await call(url + path, { stranger: true })).status, 403);
  }
});

Deno.test("the dashboard shows scheduled calls with their state", async () => {
  await using fixture = await start();
  const project = await ApiProject.of(fixture);
  await using worker = new FakeWorker([workerTool("Echo")]);
  await project.register("demo", worker);
  await project.execute("Demo.Echo", {}, { run_at: "2999-01-02T03:04:05", user_id: "<bob>" });
  const { text } = await call(`${fixture.url}/calls`);
  assert.match(text, /<caption>Scheduled calls<\/caption>/);
  assert.match(text, />2999-01-02 03:04:05<\/time>/);
  assert.match(text, /<bdi>&lt;bob&gt;<\/bdi>/);
  assert.match(text, /<span class="mark ">pending<\/span>/);
});

Deno.test("the page of calls stays short", async () => {
  await using fixture = await start();
  const project = await ApiProject.of(fixture);
  for (let i = 0; i < 103; i++) await project.execute("None.None");
  const { text } = await call(`${fixture.url}/calls`);
  assert.equal(text.match(/href="\/calls\/tc_/g)?.length, 100);
  assert.match(text, /3 calls more\./);
});
