import assert from "node:assert/strict";
import { InProcess, InProcessArcade } from "../../support/in_process.ts";

for (
  const [shell, line] of [
    ["sh", /^export ARCADE_BASE_URL=http:\S+$/m],
    ["fish", /^set -gx ARCADE_BASE_URL 'http:\S+'$/m],
    ["powershell", /^\$env:ARCADE_BASE_URL = 'http:\S+'$/m],
    ["nushell", /^\$env\.ARCADE_BASE_URL = "http:\S+"$/m],
  ] as const
) {
  Deno.test(`\`local env --shell ${shell}\` prints lines of that shell`, async () => {
    await using arcade = await InProcessArcade.start();
    const { code, stdout, stderr } = await arcade.home.run(["local", "env", "--shell", shell]);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, line);
  });
}

Deno.test("commands work with the variables of `local env`, without a login", async () => {
  await using arcade = await InProcessArcade.start();
  const env = JSON.parse((await arcade.home.run(["local", "env", "--json"])).stdout);
  assert.equal(env.ARCADE_BASE_URL, arcade.arcade.url);
  const { code, stderr } = await arcade.home.run(["secret", "set", "A=1"], { env });
  assert.equal(code, 0, stderr);
});

Deno.test("`org list` and `project list` show what a local key is for", async () => {
  await using arcade = await InProcessArcade.start();
  const { home } = arcade;
  const env = JSON.parse((await home.run(["local", "env", "--json"])).stdout);
  const lists = async (line: string, more: Record<string, string> = {}) => {
    const { code, stdout, stderr } = await home.run([...line.split(" "), "--json"], {
      env: { ...env, ...more },
    });
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout);
  };
  const { organizations } = await lists("org list");
  assert.deepEqual(organizations.map(({ name }: { name: string }) => name), [
    "Default organization",
  ]);
  const { organization, projects } = await lists("project list");
  assert.equal(organization.id, organizations[0].id);
  assert.deepEqual(projects.map(({ name }: { name: string }) => name), ["Default project"]);
  // A key of the cloud is for one project, which its coordinator does not tell.
  const refused = await home.run(["org", "list"], {
    env: { ...env, ARCADE_API_KEY: "arc_o1_key" },
  });
  assert.equal(refused.code, 4);
  assert.match(refused.stderr, /ARCADE_API_KEY belongs to one project/);
  const elsewhere = { ...env, ARCADE_COORDINATOR_URL: "http://127.0.0.1:9" };
  const away = await home.run(["org", "list"], { env: elsewhere });
  assert.equal(away.code, 4);
  assert.match(away.stderr, /for a local Arcade, and you have none running at http:/);
  assert.match(away.stderr, /or set the variables that `arcade local env` prints\n$/);
});

Deno.test("`local status` shows those that run", async () => {
  await using arcade = await InProcessArcade.start();
  const { stdout } = await arcade.home.run(["local", "status", "--json"]);
  const { url } = arcade.arcade;
  assert.deepEqual(JSON.parse(stdout), {
    local_arcades: [{
      url,
      pid: Deno.pid,
      data: arcade.arcade.data,
      user_id: "developer@arcade.local",
      active: false,
    }],
  });
  const table = (await arcade.home.run(["local", "status"])).stdout;
  assert.match(table, new RegExp(`${url} +${Deno.pid} `));
});

Deno.test("with two local Arcades and none of the user's own, `local env` asks for a port", async () => {
  await using one = await InProcessArcade.start();
  await using other = await InProcessArcade.start({ registerIn: [one.home.folder] });
  const { code, stdout, stderr } = await one.home.run(["local", "env"]);
  assert.deepEqual([code, stdout], [1, ""]);
  assert.match(stderr, /2 local Arcades are running\n.*`--port`/);
  const named = await one.home.run(["local", "env", "--port", String(other.arcade.port), "--json"]);
  assert.equal(JSON.parse(named.stdout).ARCADE_BASE_URL, other.arcade.url);
});

Deno.test("without a local Arcade `local env` prints nothing that a shell could run", async () => {
  using home = new InProcess();
  const { code, stdout, stderr } = await home.run(["local", "env"]);
  assert.deepEqual([code, stdout], [1, ""]);
  assert.match(stderr, /No local Arcade is running\n.*`arcade local serve`/);
});
