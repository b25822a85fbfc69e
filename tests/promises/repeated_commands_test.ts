import assert from "node:assert/strict";
import { allCommands } from "../../src/cli/declaration.ts";
import { ROUTES } from "../../src/commands/routes.ts";
import { errorIn } from "../support/error_object.ts";
import { InProcessArcade } from "../support/in_process.ts";

/** A command line for something that exists, or is missing. */
interface Repeated {
  readonly words: string;
  readonly args: readonly string[];
  /** What must be done first. */
  readonly before?: readonly string[];
  /** Its exit code without the flag. */
  readonly without: number;
  /** What its JSON has. */
  readonly named: readonly string[];
  readonly notice: RegExp;
}

const HUB = ["--hub", "hub.example", "--token", "t"];
const GRANT = ["ada@example.com", "github", "--scope", "repo"];

const GATEWAYS = "/v1/orgs/{org}/projects/{project}/gateways";

const CREATING: readonly Repeated[] = [
  {
    words: "secret set",
    args: ["A=2", "B=3"],
    before: ["secret", "set", "A=1"],
    without: 0,
    named: ["A"],
    notice: /^Left A unchanged, because it already exists$/m,
  },
  {
    words: "identity add",
    args: HUB,
    before: ["identity", "add", ...HUB, "--name", "kept"],
    without: 0,
    named: ["hub.example"],
    notice: /^Left the identity for hub\.example unchanged, because it already exists$/m,
  },
  {
    words: "context add",
    args: ["URL", "--context", "default"],
    without: 0,
    named: ["default"],
    notice: /^Left the context "default" unchanged, because it already exists$/m,
  },
  {
    words: "local grant",
    args: GRANT,
    before: ["local", "grant", ...GRANT],
    without: 0,
    named: [], // an id
    notice: /^Left the github grant of ada@example\.com unchanged, because it already exists$/m,
  },
  {
    words: "gateway create",
    args: ["--slug", "desk", "--tool", "Math.Add"],
    before: ["api", "POST", GATEWAYS, "--field", "name=Desk", "--field", "slug=desk"],
    without: 1, // there is no such tool
    named: ["desk"],
    notice: /^Left the gateway "desk" unchanged, because it already exists$/m,
  },
];

const REMOVING: readonly Repeated[] = [
  {
    words: "secret unset",
    args: ["NOPE"],
    without: 0,
    named: ["NOPE"],
    notice: /^There is no secret called "NOPE"; nothing to remove$/m,
  },
  {
    words: "identity remove",
    args: ["--hub", "hub.example"],
    without: 1,
    named: ["hub.example"],
    notice: /^There is no identity for hub\.example; nothing to remove$/m,
  },
  {
    words: "context delete",
    args: ["nope", "--yes"],
    without: 2,
    named: ["nope"],
    notice: /^There is no context called "nope"; nothing to remove$/m,
  },
  {
    words: "server delete",
    args: ["nope", "--yes"],
    without: 1,
    named: ["nope"],
    notice: /^There is no server called "nope"; nothing to remove$/m,
  },
  {
    words: "auth revoke",
    args: ["uc_nope", "--yes"],
    without: 1,
    named: ["uc_nope"],
    notice: /^There is no grant called "uc_nope"; nothing to remove$/m,
  },
  {
    words: "local revoke",
    args: ["ada@example.com", "github"],
    without: 1,
    named: ["github"],
    notice: /^There is no github grant of ada@example\.com; nothing to remove$/m,
  },
  {
    words: "gateway delete",
    args: ["nope", "--yes"],
    without: 1,
    named: ["nope"],
    notice: /^There is no gateway called "nope"; nothing to remove$/m,
  },
];

for (
  const [flag, list, repeated] of [
    ["--if-not-exists", "existing", CREATING],
    ["--ignore-missing", "missing", REMOVING],
  ] as const
) {
  for (const { words, args, before, without, named, notice } of repeated) {
    Deno.test(`\`${words} ${flag}\` changes nothing, and says so`, async () => {
      await using playground = await InProcessArcade.loggedIn();
      const { home, arcade } = playground;
      const typed = args.map((arg) => arg === "URL" ? arcade.url : arg);
      if (before) assert.equal((await home.run(before)).code, 0);
      const line = [...words.split(" "), ...typed];

      const text = await home.run([...line, flag]);
      assert.equal(text.code, 0, text.stderr);
      assert.match(text.stderr, notice);
      assert.doesNotMatch(text.stderr, /Error|no .* called .*skipped/);
      const json = await home.run([...line, flag, "--json"]);
      assert.equal(json.code, 0, json.stderr);
      const names: unknown = JSON.parse(json.stdout)[list];
      assert(Array.isArray(names) && names.length > 0, json.stdout);
      if (words === "secret set") assert.deepEqual(names, ["A", "B"]); // the text has created B
      else if (named.length > 0) assert.deepEqual(names, named);

      const failed = await home.run([...line, "--json"]);
      assert.equal(failed.code, without, failed.stderr);
      if (without > 0) assert.equal(errorIn(failed.stderr).exit, without);
      else if (flag === "--if-not-exists") {
        const changed = JSON.parse(failed.stdout)[list];
        assert.deepEqual(changed, words === "context add" ? ["default"] : []);
      }
    });
  }

  Deno.test(`every command with ${flag} is in the table`, async () => {
    const name = flag === "--if-not-exists" ? "ifNotExists" : "ignoreMissing";
    const declared = (await allCommands(ROUTES)).filter(({ command }) => command.flags[name]);
    assert.deepEqual(
      new Set(declared.map((one) => one.words.join(" "))),
      new Set(repeated.map((one) => one.words)),
    );
  });
}

Deno.test("`secret set --if-not-exists` keeps existing values, and creates the others", async () => {
  await using playground = await InProcessArcade.loggedIn();
  const { home } = playground;
  await home.run(["secret", "set", "A=old-value-of-a"]);
  const args = ["secret", "set", "A=new", "B=2", "--if-not-exists", "--json"];
  const { stdout } = await home.run(args);
  const { created, updated, existing } = JSON.parse(stdout);
  assert.deepEqual([created, updated, existing], [[{ key: "B", characters: 1 }], [], ["A"]]);
  const plan = JSON.parse((await home.run([...args, "--dry-run"])).stdout);
  assert.deepEqual([plan.created, plan.updated, plan.existing], [[], [], ["A", "B"]]);
});

Deno.test("`identity add --if-not-exists` does not ask for a token, and keeps the stored one", async () => {
  await using playground = await InProcessArcade.start();
  const { home } = playground;
  await home.run(["identity", "add", "--hub", "hub.example", "--token", "first", "--name", "a"]);
  const { code, stdout } = await home.run([
    "identity",
    "add",
    "--hub",
    "hub.example",
    "--name",
    "b",
    "--if-not-exists",
    "--json",
  ]);
  assert.equal(code, 0);
  assert.equal(JSON.parse(stdout).name, "a");
  const { stdout: token } = await home.run(["identity", "token", "--hub", "hub.example"]);
  assert.equal(token.trim(), "first");
});

Deno.test("`local revoke --ignore-missing` revokes the granted scopes", async () => {
  await using playground = await InProcessArcade.start();
  const { home } = playground;
  await home.run(["local", "grant", ...GRANT]);
  const revoke = ["local", "revoke", ...GRANT, "--scope", "gist", "--ignore-missing", "--json"];
  const { code, stdout, stderr } = await home.run(revoke);
  assert.equal(code, 0, stderr);
  const { revoked, missing } = JSON.parse(stdout);
  assert.deepEqual([revoked, missing], [["repo"], ["gist"]]);
});
