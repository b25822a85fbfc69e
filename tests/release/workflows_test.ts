import assert from "node:assert/strict";
import { load } from "js-yaml";
import { isTarget, osOf, type Target, TARGETS } from "../../scripts/targets.ts";
import { fieldsOf } from "../support/fields_of.ts";
import { isAvailable, succeeds } from "../support/test_machine.ts";
import { ROOT } from "../support/root.ts";

/** The workflows of this repository, and of the example that users copy. */
const FOLDERS = [".github/workflows", "examples/github-workflow/.github/workflows"];
const WORKFLOWS = FOLDERS.flatMap((folder) =>
  [...Deno.readDirSync(`${ROOT}/${folder}`)].map(({ name }) => ({
    name,
    path: `${ROOT}/${folder}/${name}`,
    text: Deno.readTextFileSync(`${ROOT}/${folder}/${name}`),
  }))
);

for (const { name, path, text } of WORKFLOWS) {
  const workflow = fieldsOf(load(text));

  Deno.test(`${name} pins each action to a commit`, () => {
    const actions = [...text.matchAll(/uses: (.*)/g)].map(([, action = ""]) => action);
    assert(actions.length > 0);
    for (const action of actions) {
      assert.match(action, /^(?:\.\/[\w./-]+|[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/);
    }
  });

  Deno.test(`${name} has minimal permissions, time limits, and no expressions in shell scripts`, () => {
    assert(workflow.concurrency);
    const permissions = Object.entries(fieldsOf(workflow.permissions));
    assert.notEqual(workflow.permissions, undefined);
    assert.deepEqual(permissions.filter(([, access]) => access !== "read"), []);
    for (const job of Object.values(fieldsOf(workflow.jobs))) {
      const { steps, uses, "timeout-minutes": timeout } = fieldsOf(job);
      assert(uses !== undefined || Number(timeout) <= 60, "A job has a time limit");
      for (const step of Array.isArray(steps) ? steps : []) {
        assert.doesNotMatch(String(fieldsOf(step).run), /\$\{\{/);
      }
    }
  });

  Deno.test({
    name: `actionlint finds no problems in ${name}`,
    ignore: !isAvailable("actionlint", () => succeeds("actionlint", "-version")),
    fn: () => assert(succeeds("actionlint", path)),
  });
}

const release = fieldsOf(
  load(WORKFLOWS.find(({ name }) => name === "release.yml")?.text ?? ""),
);
const jobs = Object.entries(fieldsOf(release.jobs)).map(([name, job]) => ({
  name,
  job: fieldsOf(job),
  text: JSON.stringify(job),
}));

Deno.test("only the job that publishes a release has write permission", () => {
  const writers = jobs.filter(({ job }) =>
    Object.values(fieldsOf(job.permissions)).includes("write")
  );
  assert.deepEqual(writers.map(({ name }) => name), ["publish"]);
});

Deno.test("jobs that run the code of packages have no secrets, and one has the release key", () => {
  const namesOf = (mark: string) =>
    jobs.filter(({ text }) => text.includes(mark)).map(({ name }) => name);
  const withCode = namesOf("actions/setup-node@");
  assert.deepEqual(withCode, ["compile", "pack"]);
  const withSecrets = namesOf("secrets.");
  assert.deepEqual(withSecrets, ["sign-executables", "sign", "packages"]);
  assert.deepEqual(namesOf("secrets.RELEASE_SIGNING_KEY"), ["sign"]);
  for (const { name, text } of jobs) {
    if (!withCode.includes(name)) assert.doesNotMatch(text, /npx|npm|deno/, name);
  }
});

Deno.test("a rehearsal without a tag ends before the checksums are signed", () => {
  const needs = new Map(jobs.map(({ name, job }) => [name, [job.needs].flat()]));
  const [sign] = jobs.filter(({ name }) => name === "sign");
  assert.equal(sign?.job.if, "github.ref_type == 'tag'");
  assert.deepEqual(needs.get("sign"), ["start"]);
  assert.deepEqual(needs.get("publish"), ["sign"]);
  assert.deepEqual(needs.get("packages"), ["pack", "publish"]);
});

Deno.test("only the latest release reaches the tap and the bucket", () => {
  const [packages] = jobs.filter(({ name }) => name === "packages");
  assert.equal(packages?.job.if, "needs.publish.outputs.latest == 'true'");
});

Deno.test("each executable is started on its own system before the release is published", () => {
  const [start] = jobs.filter(({ name }) => name === "start");
  const { include } = fieldsOf(fieldsOf(start?.job.strategy).matrix);
  assert(Array.isArray(include));
  const started = include.map(fieldsOf);
  assert.deepEqual(started.map(({ target }) => target).sort(), [...TARGETS].sort());
  for (const { system, target } of started) {
    const os = osOf(assertTarget(target));
    assert.match(String(system), { linux: /^ubuntu/, darwin: /^macos/, windows: /^windows/ }[os]);
    const isArm = /-arm$|^macos-\d+$/.test(String(system));
    assert.equal(isArm, String(target).startsWith("aarch64"), String(system));
  }
});

function assertTarget(text: unknown): Target {
  assert(typeof text === "string" && isTarget(text));
  return text;
}

Deno.test({
  name: "zizmor finds no problems in the workflows and the configuration of the updater",
  ignore: !isAvailable("zizmor", () => succeeds("zizmor", "--version")),
  fn: () => assert(succeeds("zizmor", "--offline", "--no-progress", `${ROOT}/.github`)),
});

for (const { name } of Deno.readDirSync(`${ROOT}/scripts/release`)) {
  // install.sh is a template, which its own tests fill and check.
  if (!name.endsWith(".sh") || name === "install.sh") continue;
  Deno.test({
    name: `shellcheck finds no problems in ${name}`,
    ignore: !isAvailable("shellcheck", () => succeeds("shellcheck", "--version")),
    fn: () => assert(succeeds("shellcheck", `${ROOT}/scripts/release/${name}`)),
  });
}
