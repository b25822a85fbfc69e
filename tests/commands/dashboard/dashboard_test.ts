import assert from "node:assert/strict";
import { json } from "../../support/answers.ts";
import { ScriptedEngine } from "../../support/services.ts";
import { InProcess, InProcessArcade, type World } from "../../support/in_process.ts";

const PROJECT = "/orgs/org_1/projects/proj_1";
const healthy = { "GET /v1/health": () => json({ healthy: true }) };

/** Runs a command and records what it opens in the browser. */
async function browsing(home: InProcess, args: readonly string[], world: World = {}) {
  const opened: string[] = [];
  const ran = await home.run(args, {
    browse: (url) => Promise.resolve(opened.push(url) > 0),
    terminal: true,
    ...world,
  });
  return { ...ran, opened };
}

Deno.test("`dashboard` opens the active project and prints its address", async () => {
  await using engine = new ScriptedEngine(healthy);
  const { code, stdout, stderr, opened } = await browsing(engine.home, ["dashboard"]);
  const url = `${engine.answers.url}/dashboard${PROJECT}`;
  assert.deepEqual([code, stdout, stderr, opened], [0, `${url}\n`, "", [url]]);
  assert.deepEqual(engine.answers.seen.map(({ path, authorization }) => [path, authorization]), [
    ["/v1/health", null],
  ]);
});

Deno.test("`dashboard --print` only prints the address", async () => {
  await using engine = new ScriptedEngine(healthy);
  const { stdout, opened } = await browsing(engine.home, ["dashboard", "--print"]);
  assert.equal(stdout, `${engine.answers.url}/dashboard${PROJECT}\n`);
  assert.deepEqual([opened, engine.asked], [[], []]);
});

Deno.test("`dashboard` opens the dashboard that was stored with the login", async () => {
  await using engine = new ScriptedEngine(healthy);
  const { home } = engine;
  home.write(home.read().replace("  auth:", "  dashboard_url: https://x.example/ui/\n  auth:"));
  const { opened } = await browsing(home, ["dashboard"]);
  assert.deepEqual(opened, [`https://x.example/ui${PROJECT}`]);
  assert.deepEqual(engine.asked, ["GET /v1/health"]);
});

Deno.test("`dashboard` rejects an address that is not a web page", async () => {
  using home = new InProcess();
  home.writeCredentials();
  home.write(home.read().replace("  auth:", "  dashboard_url: file:///etc/passwd\n  auth:"));
  const { code, stderr, opened } = await browsing(home, ["dashboard"]);
  assert.deepEqual([code, opened], [2, []]);
  assert.match(stderr, /not an http or https address/);
});

for (
  const [args, env, address] of [
    [[], {}, "https://api.arcade.dev/dashboard"],
    [["--host", "x.example"], {}, "https://x.example/dashboard"],
    [[], { ARCADE_API_KEY: "k", ARCADE_URL: "arcade.example" }, "https://arcade.example/dashboard"],
    [["--local"], {}, "http://localhost:9099/dashboard"],
    [["-l", "--port", "18100"], {}, "http://localhost:18100/dashboard"],
  ] as const
) {
  Deno.test(`\`dashboard ${args.join(" ")}\` opens ${address} without a login`, async () => {
    using home = new InProcess();
    const { code, stdout } = await home.run(["dashboard", "--print", ...args], { env });
    assert.deepEqual([code, stdout], [0, `${address}\n`]);
  });
}

Deno.test("`dashboard` with a host flag does not open a project", async () => {
  using home = new InProcess();
  home.writeCredentials();
  const { stdout } = await home.run(["dashboard", "--print", "--host", "x.example"]);
  assert.equal(stdout, "https://x.example/dashboard\n");
});

Deno.test("`dashboard` opens the project from the environment", async () => {
  using home = new InProcess();
  home.writeCredentials();
  const env = { ARCADE_ORG_ID: "o/1", ARCADE_PROJECT_ID: "p" };
  const { stdout } = await home.run(["dashboard", "--print"], { env });
  assert.equal(stdout, "https://api.arcade.dev/dashboard/orgs/o%2F1/projects/p\n");
});

for (
  const args of [["--project", "x", "--host", "y"], ["--org", "x"], ["--local", "--host", "x"]]
) {
  Deno.test(`\`dashboard ${args.join(" ")}\` is refused without a login`, async () => {
    using home = new InProcess();
    assert.equal((await home.run(["dashboard", "--print", ...args])).code, 2);
  });
}

for (const [flag, kind] of [["--org", "organization"], ["--project", "project"]] as const) {
  Deno.test(`\`dashboard ${flag} ""\` does not open the active project`, async () => {
    await using arcade = await InProcessArcade.loggedIn();
    const { code, stdout, stderr } = await arcade.home.run(["dashboard", "--print", flag, ""]);
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, new RegExp(`^Error: No ${kind} called ""\n`));
  });
}

Deno.test("`dashboard --local` opens the running local Arcade", async () => {
  await using arcade = await InProcessArcade.start();
  const data = `${arcade.home.folder}/local`;
  await using local = await InProcessArcade.start({ dataDir: data, alsoFor: [arcade.home] });
  const { code, opened, stderr } = await browsing(arcade.home, ["dashboard", "--local"]);
  assert.deepEqual([code, stderr, opened], [0, "", [local.arcade.url]]);
});

Deno.test("`dashboard --local` opens the active project if that is at the local Arcade", async () => {
  await using other = await InProcessArcade.loggedIn();
  const { home } = other;
  const dataDir = `${home.folder}/local`;
  await using _ = await InProcessArcade.start({ dataDir, alsoFor: [home] });
  home.env = {};
  const login = ["login", "--local", "--callback-port", "0", "--browser"];
  assert.equal((await home.run(login)).code, 0);
  const { stdout } = await home.run(["dashboard", "--local", "--print"]);
  assert.match(stdout, /^http:\/\/127\.0\.0\.1:\d+\/orgs\/[\w-]+\/projects\/[\w-]+\n$/);
  assert.equal(stdout, (await home.run(["dashboard", "--print"])).stdout);
  const page = await fetch(stdout.trim());
  assert.match(await page.text(), /<h1><bdi>Default project<\/bdi><\/h1>/);
});

for (
  const [what, answer, warning] of [
    ["is not healthy", () => json({ healthy: false }), /^Warning: http:\S+ is not healthy\n/],
    ["fails", () => json({}, { status: 404 }), /^Warning: .*not found \(404\); the dashboard may/],
  ] as const
) {
  Deno.test(`\`dashboard\` only warns when the engine ${what}`, async () => {
    await using engine = new ScriptedEngine({ "GET /v1/health": answer });
    const { code, stderr, opened } = await browsing(engine.home, ["dashboard"]);
    assert.equal(code, 0);
    assert.match(stderr, warning);
    assert.equal(opened.length, 1);
  });
}

Deno.test("`dashboard` reports that no browser starts", async () => {
  await using engine = new ScriptedEngine(healthy);
  const { code, stdout, stderr } = await browsing(engine.home, ["dashboard"], {
    browse: () => Promise.resolve(false),
  });
  assert.equal(code, 0);
  assert.match(stdout, /\/dashboard\/orgs/);
  assert.match(stderr, /Could not start a browser; open the address yourself/);
});
