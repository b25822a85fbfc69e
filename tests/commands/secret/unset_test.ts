import assert from "node:assert/strict";
import { Answers, json } from "../../support/answers.ts";
import { InProcess, InProcessArcade } from "../../support/in_process.ts";

Deno.test("`secret unset` removes keys, warns about unknown ones, and continues", async () => {
  await using playground = await InProcessArcade.loggedIn();
  const { home } = playground;
  await home.run(["secret", "set", "A=1", "B=2", "C=3"]);
  const { code, stdout, stderr } = await home.run([
    "secret",
    "unset",
    "A",
    "NOPE",
    "B",
    "A",
    "--json",
  ]);
  assert.equal(code, 0);
  assert.equal(
    stderr,
    'Removed A\n{"warning":{"message":"no secret called \\"NOPE\\"; skipped"}}\nRemoved B\n',
  );
  assert.deepEqual(JSON.parse(stdout), { removed: ["A", "B"], missing: ["NOPE"], failed: [] });
  const list = await home.run(["secret", "list", "--json"]);
  assert.deepEqual(JSON.parse(list.stdout).secrets.map(({ key }: { key: string }) => key), ["C"]);
});

Deno.test("`secret unset` continues after a failure, names the key, and fails", async () => {
  const items = ["A", "B", "C"].map((key) => ({
    id: `id/${key}`,
    key,
    binding: { type: "project" },
    created_at: "x",
  }));
  await using server = new Answers(({ method, path }) =>
    method === "GET"
      ? json({ items })
      : path.endsWith("id%2FA")
      ? json({ message: "not yours" }, { status: 403 })
      : path.endsWith("id%2FB")
      ? json({}, { status: 404 })
      : new Response(null, { status: 204 })
  );
  using home = new InProcess();
  home.writeCredentials();
  home.moveLogin({ engine: server.url });
  const { code, stderr, stdout } = await home.run(["secret", "unset", "A", "B", "C", "--json"]);
  assert.equal(code, 1);
  assert.match(stderr, /Failed A: .*not yours/);
  assert.match(stderr, /Removed B\nRemoved C\n/); // a secret that is already gone counts as removed
  assert.deepEqual(JSON.parse(stdout).removed, ["B", "C"]);
});

Deno.test("`secret unset` with a value does not repeat it", async () => {
  using home = new InProcess();
  const { code, stderr } = await home.run(["secret", "unset", "KEY=CANARY"]);
  assert.equal(code, 2);
  assert(!stderr.includes("CANARY"));
});

Deno.test("`secret unset` without a key is a usage error", async () => {
  using home = new InProcess();
  const { code, stderr } = await home.run(["secret", "unset"]);
  assert.equal(code, 2);
  assert.match(stderr, /^Error: .*\n {2}Give its key; `arcade secret list` shows yours\n$/);
});
