import assert from "node:assert/strict";
import { load } from "js-yaml";
import { fieldsOf } from "../support/fields_of.ts";
import { isAvailable, succeeds } from "../support/test_machine.ts";
import { ROOT } from "../support/root.ts";

const FOLDER = `${ROOT}/.github/workflows`;
const WORKFLOWS = [...Deno.readDirSync(FOLDER)].map(({ name }) => ({
  name,
  text: Deno.readTextFileSync(`${FOLDER}/${name}`),
}));

for (const { name, text } of WORKFLOWS) {
  const workflow = fieldsOf(load(text));

  Deno.test(`${name} pins each action to a commit`, () => {
    const actions = [...text.matchAll(/uses: (.*)/g)].map(([, action = ""]) => action);
    assert(actions.length > 0);
    for (const action of actions) {
      assert.match(action, /^(?:\.\/[\w./-]+|[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/);
    }
  });

  Deno.test(`${name} has minimal permissions, and no expressions in shell scripts`, () => {
    const permissions = Object.entries(fieldsOf(workflow.permissions));
    assert.notEqual(workflow.permissions, undefined);
    assert.deepEqual(permissions.filter(([, access]) => access !== "read"), []);
    for (const job of Object.values(fieldsOf(workflow.jobs))) {
      const { steps } = fieldsOf(job);
      for (const step of Array.isArray(steps) ? steps : []) {
        assert.doesNotMatch(String(fieldsOf(step).run), /\$\{\{/);
      }
    }
  });

  Deno.test({
    name: `actionlint finds no problems in ${name}`,
    ignore: !isAvailable("actionlint", () => succeeds("actionlint", "-version")),
    fn: () => assert(succeeds("actionlint", `${FOLDER}/${name}`)),
  });
}

Deno.test("only the job that publishes a release has write permission", () => {
  const release = WORKFLOWS.find(({ name }) => name === "release.yml");
  const jobs = Object.entries(fieldsOf(fieldsOf(load(release?.text ?? "")).jobs));
  const writers = jobs.filter(([, job]) =>
    Object.values(fieldsOf(fieldsOf(job).permissions)).includes("write")
  );
  assert.deepEqual(writers.map(([name]) => name), ["publish"]);
});
