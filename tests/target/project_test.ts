import assert from "node:assert/strict";
import { InProcess, InProcessArcade } from "../support/in_process.ts";

/** An Arcade with a second organization, "Second Team", with two projects, and a second project in the first one. */
async function withProjects() {
  const playground = await InProcessArcade.loggedIn();
  const { home } = playground;
  const { organization, project } = JSON.parse((await home.run(["whoami", "--json"])).stdout);
  const { organization_id: second = "" } = await playground.post("/api/v1/orgs", {
    name: "Second Team",
  });
  const add = async (org: string, name: string) =>
    (await playground.post(`/api/v1/orgs/${org}/projects`, { name })).project_id ?? "";
  const staging = await add(organization.id, "Staging");
  const other = await add(second, "Other");
  /** The keys of the secrets that a command lists. */
  const keysOf = async (args: string[], env: Record<string, string> = {}) => {
    const { code, stdout, stderr } = await home.run(["secret", "list", "--json", ...args], { env });
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout).secrets.map(({ key }: { key: string }) => key);
  };
  for (
    const [key, args] of [
      ["ACTIVE", []],
      ["STAGING", ["--project", "Staging"]],
      ["SECOND", ["--org", second]],
      ["OTHER", ["--org", "Second Team", "--project", "Other"]],
    ] as const
  ) {
    const { code, stderr } = await home.run(["secret", "set", `${key}=value`, ...args]);
    assert.equal(code, 0, stderr);
  }
  const ids = { first: organization.id, active: project.id, second, staging, other };
  return { playground, home, keysOf, ids };
}

Deno.test("--org and --project select the project of one command, by id or name", async () => {
  const { playground, home, keysOf, ids } = await withProjects();
  await using _end = playground;
  const stored = home.read();
  assert.deepEqual(await keysOf([]), ["ACTIVE"]);
  assert.deepEqual(await keysOf(["--project", ids.staging]), ["STAGING"]);
  assert.deepEqual(await keysOf(["--project", "staging"]), ["STAGING"]);
  assert.deepEqual(await keysOf(["--project", "stag"]), ["STAGING"]);
  assert.deepEqual(await keysOf(["--org", "second team"]), ["SECOND"]);
  assert.deepEqual(await keysOf(["--org", ids.second, "--project", ids.other]), ["OTHER"]);
  assert.deepEqual(await keysOf(["--org", ids.first]), ["ACTIVE"]);
  assert.equal(home.read(), stored);
});

Deno.test("ARCADE_ORG_ID and ARCADE_PROJECT_ID select it without a request, and the flags take precedence", async () => {
  const { playground, keysOf, ids } = await withProjects();
  await using _end = playground;
  const env = { ARCADE_ORG_ID: ids.second, ARCADE_PROJECT_ID: ids.other };
  const before = playground.requests.length;
  assert.deepEqual(await keysOf([], env), ["OTHER"]);
  assert.equal(playground.requests.length, before + 1);
  assert.deepEqual(await keysOf([], { ARCADE_PROJECT_ID: ids.staging }), ["STAGING"]);
  assert.deepEqual(await keysOf([], { ARCADE_ORG_ID: ids.second }), ["SECOND"]);
  assert.deepEqual(await keysOf(["--org", ids.first, "--project", "Staging"], env), ["STAGING"]);
  assert.deepEqual(await keysOf([], { ARCADE_ORG_ID: "", ARCADE_PROJECT_ID: "" }), ["ACTIVE"]);
});

Deno.test("`project list --org` lists the projects of another organization", async () => {
  const { playground, home, ids } = await withProjects();
  await using _end = playground;
  const list = async (args: string[], env = {}) =>
    JSON.parse((await home.run(["project", "list", "--json", ...args], { env })).stdout);
  const named = await list(["--org", "Second Team"]);
  assert.equal(named.organization.id, ids.second);
  assert(named.projects.some(({ name }: { name: string }) => name === "Other"));
  assert.equal((await list([], { ARCADE_ORG_ID: ids.second })).organization.id, ids.second);
});

const wrong: [args: string[], code: number, message: RegExp][] = [
  [["--project", "Stagging"], 1, /No project called "Stagging"\n {2}Did you mean "Staging"\? Run/],
  [["--project", "Other"], 1, /No project called "Other"\n {2}Run `arcade project list`/],
  [["--project", ""], 1, /No project called ""/],
  [["--org", "nowhere"], 1, /No organization called "nowhere"/],
];
for (const [args, code, message] of wrong) {
  Deno.test(`\`secret set ${args.join(" ")}\` stores nothing in any project`, async () => {
    const { playground, home } = await withProjects();
    await using _end = playground;
    const puts = () => playground.requests.filter(({ method }) => method === "PUT").length;
    const before = puts();
    const ran = await home.run(["secret", "set", "KEY=value", ...args]);
    assert.equal(ran.code, code, ran.stderr);
    assert.match(ran.stderr, message);
    assert.equal(puts(), before);
  });
}

Deno.test("an ambiguous prefix of a name is rejected", async () => {
  const { playground, home, ids } = await withProjects();
  await using _end = playground;
  await playground.post(`/api/v1/orgs/${ids.first}/projects`, { name: "Stage" });
  const { code, stderr } = await home.run(["secret", "list", "--project", "Stag"]);
  assert.equal(code, 2);
  assert.match(stderr, /More than one project matches "Stag"/);
  assert.equal((await home.run(["secret", "list", "--project", "Stage"])).code, 0);
});

Deno.test("--org and --project are rejected with an API key or a token, which has one project", async () => {
  using home = new InProcess();
  for (const variable of ["ARCADE_API_KEY", "ARCADE_TOKEN"]) {
    for (const flag of ["--org", "--project"]) {
      const { code, stderr } = await home.run(["secret", "list", flag, "x"], {
        env: { [variable]: "CANARY" },
        fetch: () => assert.fail("A request was sent"),
      });
      assert.equal(code, 2);
      assert.match(stderr, /An API key or token belongs to one project/);
    }
  }
});

Deno.test("a prefix of an id is accepted from six characters", async () => {
  const { playground, home, keysOf, ids } = await withProjects();
  await using _end = playground;
  assert.deepEqual(await keysOf(["--project", ids.staging.slice(0, 8)]), ["STAGING"]);
  const { code } = await home.run(["secret", "list", "--project", ids.staging.slice(0, 5)]);
  assert.equal(code, 1);
});
