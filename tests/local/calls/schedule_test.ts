import assert from "node:assert/strict";
import { sleep } from "../../../src/system/waiting.ts";
import { json } from "../../support/answers.ts";
import { ApiProject, FakeWorker, succeeded, workerTool } from "../../support/workers.ts";
import { rowCounts, start } from "../harness.ts";

/** Looks at the clock often. */
const options = {
  sleep: (milliseconds: number, signal?: AbortSignal) => sleep(Math.min(milliseconds, 5), signal),
};
const IN_AN_HOUR = "2026-11-20T15:00:00";

/** Waits until a scheduled call has a status. */
async function reached(project: ApiProject, id: string, status: string) {
  while (true) {
    const call = await project.ask(`GET /scheduled_tools/${id}`);
    assert.equal(call.status, 200, call.text);
    if (call.at("execution_status") === status) return call;
    await sleep(5);
  }
}

Deno.test("a scheduled call runs at its time by the clock of the local Arcade, also after a restart", async () => {
  await using fixture = await start(options);
  const project = await ApiProject.of(fixture);
  await using worker = new FakeWorker([workerTool("Echo", {
    input: { parameters: [{ name: "text", required: true, value_schema: { val_type: "string" } }] },
  })], ({ inputs }) => succeeded(inputs.text));
  await project.register("demo", worker);
  const scheduled = await project.execute(
    "demo_echo",
    { text: "a-private-text" },
    { run_at: IN_AN_HOUR, user_id: "ada@example.com" },
  );
  assert.equal(scheduled.status, 200, scheduled.text);
  const id = scheduled.textAt("id");
  assert.deepEqual(scheduled.at(), {
    id,
    execution_id: "",
    execution_type: "scheduled",
    status: "pending",
    success: true,
    run_at: "2026-11-20T15:00:00.000Z",
  });
  const waiting = {
    id,
    tool_name: "Echo",
    toolkit_name: "Demo",
    toolkit_version: "1.0.0",
    user_id: "ada@example.com",
    execution_type: "scheduled",
    execution_status: "pending",
    run_at: "2026-11-20T15:00:00.000Z",
    created_at: "2026-11-20T14:00:00.000Z",
    updated_at: "2026-11-20T14:00:00.000Z",
  };
  assert.deepEqual((await project.ask("GET /scheduled_tools")).at("items"), [waiting]);
  fixture.pass(3599);
  await fixture.restart();
  const detail = await project.ask(`GET /scheduled_tools/${id}`);
  assert.deepEqual(detail.at(), { ...waiting, input: { text: "a-private-text" }, attempts: [] });
  assert.deepEqual(worker.invocations, []);

  fixture.pass(1);
  const done = await reached(project, id, "completed");
  const { attempts, ...call } = JSON.parse(done.text);
  assert.deepEqual(call, {
    ...waiting,
    execution_status: "completed",
    started_at: "2026-11-20T15:00:00.000Z",
    finished_at: "2026-11-20T15:00:00.000Z",
    updated_at: "2026-11-20T15:00:00.000Z",
    input: { text: "a-private-text" },
  });
  assert.equal(attempts.length, 1);
  assert.equal(attempts[0].success, true);
  assert.deepEqual(attempts[0].output, { value: "a-private-text" });
  assert.equal(worker.invocations.length, 1);
  await fixture.arcade.stop();
  const database = Deno.readFileSync(`${fixture.dataDir}/arcade.db`);
  assert(!new TextDecoder("latin1").decode(database).includes("a-private-text"));
  await fixture.restart();
  assert.equal((await project.ask("GET /scheduled_tools")).at("total_count"), 1);
});

Deno.test("a time in the past means now, and every time is UTC or has a zone", async () => {
  await using fixture = await start(options);
  const project = await ApiProject.of(fixture);
  await using worker = new FakeWorker([workerTool("Echo")]);
  await project.register("demo", worker);
  const now = await project.execute("Demo.Echo", {}, { run_at: "2020-01-01T00:00:00" });
  await reached(project, now.textAt("id"), "completed");
  for (const run_at of ["2026-11-20T15:00:00Z", "2026-11-20T16:00:00+01:00", "2026-11-20T15:00"]) {
    const call = await project.execute("Demo.Echo", {}, { run_at });
    assert.equal(call.at("run_at"), "2026-11-20T15:00:00.000Z", run_at);
  }
  for (const run_at of ["tomorrow", "2026-11-20", "2026-13-45T00:00:00", "1"]) {
    const refused = await project.execute("Demo.Echo", {}, { run_at });
    assert.equal(refused.status, 422, run_at);
    assert.equal(refused.at("field_errors", 0, "field"), "run_at");
  }
  assert.equal((await project.execute("Demo.Gone", {}, { run_at: IN_AN_HOUR })).status, 404);
});

Deno.test("a scheduled call that fails says why, and other projects do not see it", async () => {
  await using fixture = await start(options);
  const project = await ApiProject.of(fixture);
  const secret = workerTool("Secret", { requirements: { secrets: [{ key: "MISSING" }] } });
  await using worker = new FakeWorker(
    [workerTool("Fail"), secret],
    () => new Response("no", { status: 500 }),
  );
  await project.register("demo", worker);
  const run_at = "2026-11-20T14:00:00";
  const failed = await project.execute("Demo.Fail", {}, { run_at });
  const failure = await reached(project, failed.textAt("id"), "failed");
  assert.equal(failure.at("attempts", 0, "output", "error", "kind"), "TOOL_RUNTIME_FATAL");
  const missing = await project.execute("Demo.Secret", {}, { run_at });
  const refusal = await reached(project, missing.textAt("id"), "failed");
  const message = refusal.at("attempts", 0, "system_error_message");
  assert.equal(message, "secret not found: MISSING");

  const bob = await ApiProject.of(fixture, "bob@example.com");
  assert.equal((await bob.ask("GET /scheduled_tools")).at("total_count"), 0);
  assert.equal((await bob.ask(`GET /scheduled_tools/${missing.textAt("id")}`)).status, 404);
  const page = await project.ask("GET /scheduled_tools?limit=1&offset=1");
  assert.equal(page.at("items", 0, "id"), failed.at("id"), "the newest is first");
});

Deno.test("a call that ran when the local Arcade stopped is not repeated", async () => {
  await using fixture = await start(options);
  const project = await ApiProject.of(fixture);
  const { promise, resolve } = Promise.withResolvers<Response>();
  const begun = Promise.withResolvers<void>();
  await using worker = new FakeWorker([workerTool("Hang")], () => {
    begun.resolve();
    return promise;
  });
  await project.register("demo", worker);
  const call = await project.execute("Demo.Hang", {}, { run_at: "2026-11-20T14:00:00" });
  await begun.promise;
  await fixture.restart();
  const ended = await reached(project, call.textAt("id"), "failed");
  assert.match(ended.textAt("attempts", 0, "system_error_message"), /stopped during the call/);
  assert.equal(worker.invocations.length, 1);
  resolve(json({}));
});

Deno.test("a call waits for a server that starts later, but not forever", async () => {
  let time = 0;
  let looks = 0;
  const elapsedMs = () => {
    looks++;
    return time;
  };
  await using fixture = await start({ ...options, elapsedMs });
  const project = await ApiProject.of(fixture);
  await using worker = new FakeWorker([workerTool("Echo")]);
  await project.register("demo", worker);
  const later = await project.execute("Demo.Echo", {}, { run_at: IN_AN_HOUR });
  await project.ask("PATCH /workers/demo", { enabled: false });
  const before = looks;
  fixture.pass(3600);
  while (looks < before + 3) await sleep(5); // it was tried, and is tried again
  await project.ask("PATCH /workers/demo", { enabled: true });
  await reached(project, later.textAt("id"), "completed");

  const never = await project.execute("Demo.Echo", {}, { run_at: "2026-11-20T15:30:00" });
  await project.ask("DELETE /workers/demo");
  fixture.pass(1800);
  const advance = setInterval(() => time += 10_000, 5);
  const ended = await reached(project, never.textAt("id"), "failed");
  clearInterval(advance);
  assert.match(
    ended.textAt("attempts", 0, "system_error_message"),
    /No running server has the tool/,
  );
});

Deno.test("the number of waiting and of stored calls is limited", async () => {
  await using fixture = await start(options);
  const project = await ApiProject.of(fixture);
  await using worker = new FakeWorker([workerTool("Echo")]);
  await project.register("demo", worker);
  for (let i = 0; i < 1000; i += 50) {
    const calls = await Promise.all(
      Array.from(
        { length: 50 },
        () => project.execute("Demo.Echo", {}, { run_at: IN_AN_HOUR }),
      ),
    );
    for (const call of calls) assert.equal(call.status, 200, call.text);
  }
  const refused = await project.execute("Demo.Echo", {}, { run_at: IN_AN_HOUR });
  assert.equal(refused.status, 429);
  fixture.pass(3600);
  while ((worker.invocations.length) < 1000) await sleep(5);
  const last = await project.execute("Demo.Echo", {}, { run_at: IN_AN_HOUR });
  await reached(project, last.textAt("id"), "completed");
  assert.equal(rowCounts(fixture).scheduled_calls, 1000);
});
