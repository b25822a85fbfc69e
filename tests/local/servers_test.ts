import assert from "node:assert/strict";
import { Project } from "../support/project.ts";
import { withoutPython as ignore } from "../support/test_server.ts";
import { type Fixture, type Session, signIn, start } from "./harness.ts";

/** The variables that servers need on this machine. */
const env = { PATH: Deno.env.get("PATH") ?? "", HOME: Deno.env.get("HOME") ?? "" };

function projectOf({ url }: Fixture, { org, project, access }: Session): Project {
  return new Project(`${url}/v1/orgs/${org}/projects/${project}`, access);
}

Deno.test({ name: "a deployed server runs, and its tools can be called", ignore }, async () => {
  await using fixture = await start({ env });
  const project = projectOf(fixture, await signIn(fixture.url));
  await project.deployed();

  const worker = await project.request("GET /workers/test_server");
  const { id, type, enabled, managed, http } = JSON.parse(worker.text);
  assert.deepEqual({ id, type, enabled, managed }, {
    id: "test_server",
    type: "http",
    enabled: true,
    managed: true,
  });
  assert.match(http.uri, /^http:\/\/127\.0\.0\.1:\d+$/);
  const health = await project.request("GET /workers/test_server/health");
  assert.deepEqual(JSON.parse(health.text), {
    id: "test_server",
    enabled: true,
    healthy: true,
    message: "The server is healthy",
  });

  const greeting = await project.call("Greet", { name: "Ada" });
  assert.equal(greeting.status, 200);
  assert.equal(greeting.at("success"), true);
  assert.equal(greeting.at("status"), "completed");
  assert.equal(greeting.at("output", "value"), "Hello, Ada! (1.0.0)");
  await project.logged(/^Greeting Ada$/);
});
