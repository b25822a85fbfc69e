import assert from "node:assert/strict";
import type { Input, Tool } from "../../src/contract/tools.ts";
import { toolChanges } from "../../src/dev/tool_changes.ts";

const INPUT: Input = {
  name: "city",
  type: "string",
  elementType: undefined,
  isRequired: true,
  description: "The city",
  values: [],
};
const TOOL: Tool = {
  name: "Weather.Now",
  version: "1.0.0",
  server: "Weather",
  description: "Tells the weather",
  inputs: [INPUT],
  output: { type: "string", description: "The weather" },
  secrets: [],
  missingSecrets: [],
  authorization: undefined,
  deprecation: undefined,
  isDestructive: false,
  isRepeatable: false,
};
const GITHUB = { provider: "github", type: "oauth2", scopes: ["repo"], isMissing: undefined };
const LIMIT: Input = { ...INPUT, name: "limit", type: "integer" };

/** What changed in a tool, and what is told. */
const CHANGES: readonly (readonly [before: Partial<Tool>, after: Partial<Tool>, string[]])[] = [
  [{}, {}, []],
  [{}, { version: "2.0.0" }, []],
  [{ missingSecrets: ["KEY"] }, {}, []],
  [{}, { inputs: [INPUT, LIMIT] }, ["new required input `limit`"]],
  [{}, { inputs: [INPUT, { ...LIMIT, isRequired: false }] }, ["new optional input `limit`"]],
  [{ inputs: [INPUT, LIMIT] }, {}, ["no input `limit`"]],
  [{ inputs: [INPUT, LIMIT] }, { inputs: [LIMIT, INPUT] }, []],
  [{}, { inputs: [{ ...INPUT, isRequired: false }] }, ["input `city` is now optional"]],
  [{ inputs: [{ ...INPUT, isRequired: false }] }, {}, ["input `city` is now required"]],
  [{}, { inputs: [{ ...INPUT, type: "integer" }] }, ["input `city`: string → integer"]],
  [{ inputs: [{ ...INPUT, type: undefined }] }, {}, ["input `city`: unknown → string"]],
  [
    { inputs: [{ ...INPUT, values: ["Rome", "Oslo"] }] },
    { inputs: [{ ...INPUT, values: ["Oslo", "Bern"] }] },
    ["input `city` now takes Bern", "input `city` no longer takes Rome"],
  ],
  [{ inputs: [{ ...INPUT, values: ["Rome"] }] }, {}, ["input `city` takes any value"]],
  [{}, { inputs: [{ ...INPUT, description: "Another" }] }, ["description of input `city`"]],
  [{}, { description: "Another" }, ["description"]],
  [{}, { output: { type: "json", description: "The weather" } }, ["output: string → json"]],
  [{}, { output: { type: "string", description: "It" } }, ["description of the output"]],
  [{}, { secrets: ["KEY"] }, ["needs the secret KEY"]],
  [{ secrets: ["KEY"] }, {}, ["no longer needs the secret KEY"]],
  [{}, { authorization: GITHUB }, ["needs a grant from github repo"]],
  [{ authorization: GITHUB }, {}, ["no longer needs a grant"]],
  [{ authorization: GITHUB }, { authorization: { ...GITHUB, isMissing: true } }, []],
  [
    { authorization: { ...GITHUB, scopes: ["a", "b"] } },
    { authorization: { ...GITHUB, scopes: ["b", "a"] } },
    [],
  ],
  [
    { authorization: GITHUB },
    { authorization: { ...GITHUB, scopes: ["user", "repo"] } },
    ["needs a grant from github repo user"],
  ],
  [{}, { deprecation: "Use another" }, ["deprecated"]],
  [{ deprecation: "Use another" }, {}, ["no longer deprecated"]],
  [{}, { isDestructive: true }, ["now destructive"]],
];
for (const [before, after, details] of CHANGES) {
  const what = `${JSON.stringify(before)} → ${JSON.stringify(after)}`;
  Deno.test(`a change of a tool is told: ${what}`, () => {
    const changes = toolChanges([{ ...TOOL, ...before }], [{ ...TOOL, ...after }]);
    const expected = [{ kind: "changed", tool: "Weather.Now", details }];
    assert.deepEqual(changes, details.length === 0 ? [] : expected);
  });
}

Deno.test("tools that are added, removed and changed are told in this order, by name", () => {
  const tool = (name: string, more: Partial<Tool> = {}): Tool => ({ ...TOOL, name, ...more });
  const changes = toolChanges(
    [tool("B.Gone"), tool("A.Gone"), tool("Kept"), tool("Changed")],
    [tool("Changed", { secrets: ["KEY"] }), tool("New"), tool("Kept")],
  );
  assert.deepEqual(changes.map(({ kind, tool }) => [kind, tool]), [
    ["added", "New"],
    ["removed", "A.Gone"],
    ["removed", "B.Gone"],
    ["changed", "Changed"],
  ]);
});
