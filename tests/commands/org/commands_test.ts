import assert from "node:assert/strict";
import { InProcessArcade } from "../../support/in_process.ts";

async function withSecondOrganization(): Promise<InProcessArcade> {
  const playground = await InProcessArcade.loggedIn();
  await playground.post("/api/v1/orgs", { name: "Second" });
  return playground;
}

Deno.test("`org list` marks the default and the active organization", async () => {
  await using playground = await withSecondOrganization();
  const { home } = playground;
  const first = await home.run(["org", "list", "--json"]);
  const { organizations } = JSON.parse(first.stdout);
  assert.deepEqual(
    organizations.map(({ id: _id, ...rest }: { id: string }) => rest),
    [
      { name: "Default organization", default: true, active: true },
      { name: "Second", default: false, active: false },
    ],
  );
  const table = await home.run(["org", "list"]);
  assert.match(
    table.stdout,
    /^ +Name +ID +Default\n\* +Default organization +\S+ +yes\n +Second +\S+\n$/,
  );
});

Deno.test("`org set` switches to the organization's default project, by id or by name", async () => {
  await using playground = await withSecondOrganization();
  const { home } = playground;
  const before = JSON.parse((await home.run(["whoami", "--json"])).stdout);
  const set = await home.run(["org", "set", "second", "--json"]);
  assert.equal(set.code, 0, set.stderr);
  const after = JSON.parse((await home.run(["whoami", "--json"])).stdout);
  assert.equal(after.organization.name, "Second");
  assert.equal(after.project.name, "Default project");
  assert.notEqual(after.project.id, before.project.id);
  assert.deepEqual(JSON.parse(set.stdout), {
    organization: after.organization,
    project: after.project,
  });

  const back = await home.run(["org", "set", before.organization.id]);
  assert.equal(back.code, 0);
  assert.match(back.stderr, /^Switched to Default organization \/ Default project\n$/);
  assert.deepEqual(JSON.parse((await home.run(["whoami", "--json"])).stdout), before);
});

Deno.test("`org set` rejects an unknown or ambiguous organization and changes nothing", async () => {
  await using playground = await withSecondOrganization();
  const { home } = playground;
  await playground.post("/api/v1/orgs", { name: "SECOND" });
  const before = home.read();
  const unknown = await home.run(["org", "set", "nowhere"]);
  assert.equal(unknown.code, 1);
  assert.match(
    unknown.stderr,
    /Error: No organization called "nowhere"\n {2}Run `arcade org list` to see them\n$/,
  );
  const twice = await home.run(["org", "set", "second"]);
  assert.equal(twice.code, 2);
  assert.match(twice.stderr, /More than one organization.*\n.*id/);
  assert.equal(home.read(), before);
});

Deno.test("`project list` and `project set` work in the active organization", async () => {
  await using playground = await withSecondOrganization();
  const { home } = playground;
  const { organization } = JSON.parse((await home.run(["whoami", "--json"])).stdout);
  await playground.post(`/api/v1/orgs/${organization.id}/projects`, { name: "Other" });
  const list = JSON.parse((await home.run(["project", "list", "--json"])).stdout);
  assert.deepEqual(list.organization, organization);
  assert.deepEqual(
    list.projects.map(({ id: _id, ...rest }: { id: string }) => rest),
    [
      { name: "Default project", default: true, active: true },
      { name: "Other", default: false, active: false },
    ],
  );
  const set = await home.run(["project", "set", "Other"]);
  assert.equal(set.code, 0, set.stderr);
  const table = await home.run(["project", "list"]);
  assert.match(table.stdout, / {3}Default project +\S+ +yes\n\* +Other +\S+\n$/);
  const after = JSON.parse((await home.run(["whoami", "--json"])).stdout);
  assert.equal(after.project.name, "Other");
  assert.deepEqual(after.organization, organization);
});

Deno.test("`project set` keeps everything else in the file", async () => {
  await using playground = await InProcessArcade.loggedIn();
  const { home } = playground;
  home.write(home.read().replace("      user:\n", "      user:\n        extra: kept\n"));
  assert.equal((await home.run(["project", "set", "Default project"])).code, 0);
  assert.match(home.read(), /extra: kept/);
});

Deno.test("`org list` uses the coordinator from the flags, before or after the command", async () => {
  await using playground = await InProcessArcade.loggedIn();
  const { home } = playground;
  const { port } = playground.arcade;
  home.env = { ARCADE_COORDINATOR_URL: "http://127.0.0.1:1" };
  const flags = ["--host", "127.0.0.1", "--port", String(port), "--tls", "--no-tls"];
  assert.equal((await home.run(["org", "list"])).code, 4);
  assert.equal((await home.run(["org", "list", ...flags])).code, 0);
  assert.equal((await home.run(["org", ...flags, "list"])).code, 0);
});

for (
  const [typed, expected] of [["2\r", "Second"], ["sec\r", "Second"], [
    "1\r",
    "Default organization",
  ]] as const
) {
  Deno.test(`\`org set\` without an argument lets the user choose from a list: ${typed.trim()}`, async () => {
    await using playground = await withSecondOrganization();
    const { home } = playground;
    const { code, stderr } = await home.run(["org", "set"], { terminal: true, stdin: [typed] });
    assert.equal(code, 0, stderr);
    assert.match(
      stderr,
      / 1 {2}Default organization\n 2 {2}Second\nWhich organization\? \(1-2\) /,
    );
    const whoami = JSON.parse((await home.run(["whoami", "--json"])).stdout);
    assert.equal(whoami.organization.name, expected);
  });
}

Deno.test("the choice from a list changes nothing without an answer, and is offered on a terminal only", async () => {
  await using playground = await withSecondOrganization();
  const { home } = playground;
  const before = home.read();
  for (
    const [words, world, code] of [
      [["org", "set"], { terminal: true, stdin: ["\x03"] }, 130],
      [["org", "set"], { terminal: true, stdin: ["\r"] }, 2],
      [["org", "set"], { terminal: true, stdin: ["9\r"] }, 2],
      [["org", "set"], { terminal: true, stdin: ["0\r"] }, 2],
      [["org", "set"], {}, 2],
      [["project", "set"], { terminal: true, stdin: ["\x03"] }, 130],
      [["project", "set"], {}, 2],
      [["context", "set"], { terminal: true, stdin: ["\x03"] }, 130],
      [["context", "set"], {}, 2],
    ] as const
  ) {
    const ran = await home.run(words, {
      ...world,
      ...("stdin" in world && { stdin: [...world.stdin] }),
    });
    assert.equal(ran.code, code, `${words.join(" ")}: ${ran.stderr}`);
    assert.equal(home.read(), before);
  }
});

Deno.test("`context set` without an argument lets the user choose from a list", async () => {
  await using playground = await InProcessArcade.loggedIn();
  const { home } = playground;
  assert.equal((await home.run(["login", "--callback-port", "0", "--context", "second"])).code, 0);
  const { code, stderr } = await home.run(["context", "set"], { terminal: true, stdin: ["1\r"] });
  assert.equal(code, 0, stderr);
  assert.equal(JSON.parse((await home.run(["whoami", "--json"])).stdout).context, "default");
});
