import assert from "node:assert/strict";
import { AGENT_AND_HUMAN, HUB, Identities } from "./support.ts";

const [AGENT = "", HUMAN = ""] = AGENT_AND_HUMAN.split(/(?=\["person)/);

Deno.test("`identity remove` removes one identity", async () => {
  using home = Identities.of(AGENT_AND_HUMAN);
  const { code, stdout, stderr } = await home.identity([
    "remove",
    "--hub",
    "https://u:p@MuseHub.ai/x",
  ]);
  assert.equal(code, 0);
  assert.equal(stdout, "");
  assert.equal(stderr, "Removed the identity for musehub.ai\n");
  assert.equal(home.readFile(), HUMAN);
});

Deno.test("`identity remove` of an unknown identity fails and changes nothing", async () => {
  using home = Identities.of(AGENT_AND_HUMAN);
  const { code, stderr } = await home.identity(["remove", "--hub", "no.example"]);
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^Error: No identity for no\.example\n {2}Run `arcade identity list` to see them\n$/,
  );
  assert.equal(home.readFile(), AGENT_AND_HUMAN);
  using empty = new Identities();
  assert.equal((await empty.identity(["remove", "--hub", HUB])).code, 1);
  assert.throws(() => Deno.statSync(empty.folder), Deno.errors.NotFound);
});

Deno.test("`identity remove --all --yes` removes all identities and keeps other tables", async () => {
  const others = 'version = 1\n\n[settings]\ntheme = "dark"\n\n';
  using home = Identities.of(`${others}${AGENT_AND_HUMAN}["odd.example"]\ntoken = 1\n`);
  const { code, stdout } = await home.identity(["remove", "--all", "--yes", "--json"]);
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(stdout), {
    removed: [HUB, "person.example", "odd.example"],
    missing: [],
  });
  assert.equal(home.readFile(), others);
  const again = await home.identity(["remove", "--all", "-y"]);
  assert.equal(again.code, 0);
  assert.equal(again.stderr, "No identities to remove\n");
});

Deno.test("`identity remove --all` asks for confirmation on a terminal", async () => {
  using home = Identities.of(AGENT_AND_HUMAN);
  for (const [keys, expected] of [["n\r", 0], ["\r", 0], ["\x03", 130]] as const) {
    const { code, stderr } = await home.identity(["remove", "--all"], {
      terminal: true,
      stdin: [keys],
    });
    assert.equal(code, expected);
    assert.match(
      stderr,
      /Identities are stored for these hubs: musehub\.ai, person\.example\nRemove all 2\? \[y\/N\] /,
    );
    assert.match(stderr, /nothing was changed/i);
    assert.equal(home.readFile(), AGENT_AND_HUMAN);
  }
  const { code } = await home.identity(["remove", "--all"], { terminal: true, stdin: ["yes\r"] });
  assert.equal(code, 0);
  assert.equal(home.readFile().trim(), "");
});

for (
  const [args, message] of [
    [[], /Which hub\?\n {2}Give `--hub URL`, or `--all`/],
    [["--all"], /needs confirmation.*\n {2}Add `--yes`/],
    [["--all", "--hub", HUB], /`--hub` and `--all` cannot be used together/],
    [["--hub", "https://u:CANARY@"], /The hub is not/],
  ] as const
) {
  Deno.test(`\`identity remove ${args.join(" ")}\` is a usage error`, async () => {
    using home = Identities.of(AGENT_AND_HUMAN);
    const { code, stderr } = await home.identity(["remove", ...args]);
    assert.equal(code, 2);
    assert.match(stderr, message);
    assert(!stderr.includes("CANARY"));
    assert.equal(home.readFile(), AGENT_AND_HUMAN);
  });
}

Deno.test("`identity remove` does not touch a corrupt file", async () => {
  const content = `${AGENT}x = CANARY\n`;
  using home = Identities.of(content);
  for (const args of [["--hub", HUB], ["--all", "--yes"]]) {
    const { code, stderr } = await home.identity(["remove", ...args]);
    assert.equal(code, 1);
    assert.match(stderr, /line 8 is not TOML/);
    assert(!stderr.includes("CANARY"));
    assert.equal(home.readFile(), content);
  }
});
