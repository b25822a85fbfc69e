import assert from "node:assert/strict";
import { InProcess, type Ran, type World } from "../../support/in_process.ts";
import { AwaitedLocks } from "../../support/locks.ts";
import { shellWord } from "../../../src/text/shell_word.ts";
import { errorTextIn } from "../../support/error_object.ts";

/** `arcade local serve` in this process. */
class Serving {
  stdout = "";
  stderr = "";
  readonly #interruption = new AbortController();
  readonly #ended: Promise<Ran>;
  #hasEnded = false;
  #notify: () => void = () => {};

  constructor(home: InProcess, args: readonly string[], world: World = {}) {
    this.#ended = home.run(["local", "serve", "--port", "0", ...args], {
      ...world,
      interruption: this.#interruption.signal,
      onStdout: (stdout) => this.#take({ stdout }),
      onStderr: (stderr) => this.#take({ stderr }),
    });
    this.#ended.finally(() => {
      this.#hasEnded = true;
      this.#notify();
    });
  }

  /** Waits until its output on stdout or stderr matches. */
  async printed(pattern: RegExp): Promise<string> {
    while (true) {
      const match = pattern.exec(this.stdout) ?? pattern.exec(this.stderr);
      if (match) return match[1] ?? match[0];
      if (this.#hasEnded) throw new Error(`Ended without ${pattern}: ${this.stdout}${this.stderr}`);
      await new Promise<void>((resolve) => this.#notify = resolve);
    }
  }

  stop(): Promise<Ran> {
    this.#interruption.abort();
    return this.#ended;
  }

  #take(printed: { stdout?: string; stderr?: string }): void {
    Object.assign(this, printed);
    this.#notify();
  }
}

async function get(url: string, init: RequestInit = {}): Promise<void> {
  await (await fetch(url, init)).body?.cancel();
}

/** Requests several pages, stops the server, and returns its output. */
async function logOf(args: readonly string[], world: World): Promise<Ran> {
  using home = new InProcess();
  const serving = new Serving(home, ["--json", ...args], world);
  const { url } = JSON.parse(await serving.printed(/^\{.*\}\n/));
  await get(`${url}/v1/health?token=in-the-query`);
  await get(`${url}/%1b[2J\u202E%0a`, { headers: { authorization: "in-the-header" } });
  await get(`${url}/v1/${"x".repeat(1000)}`, { method: "PUT", body: "in-the-body" });
  return await serving.stop();
}

Deno.test("a terminal shows one line for each request, without tokens, queries and bodies", async () => {
  const { code, stdout, stderr } = await logOf([], { terminal: true });
  assert.equal(code, 0);
  assert.equal(stdout.split("\n").length, 2);
  assert.deepEqual(stderr.split("\n"), [
    "GET /v1/health 200 0 ms",
    "GET /%1b[2J%E2%80%AE%0a 404 0 ms",
    `PUT /v1/${"x".repeat(196)}… 404 0 ms`,
    "Local Arcade stopped",
    "",
  ]);
});

Deno.test("without a terminal, requests are not logged", async () => {
  assert.equal((await logOf([], {})).stderr, "Local Arcade stopped\n");
});

Deno.test("--debug also logs each request once", async () => {
  for (const terminal of [true, false]) {
    const { stderr } = await logOf(["--debug"], { terminal });
    assert.equal(stderr.match(/\/v1\/health/g)?.length, 1);
    assert(!stderr.includes("in-the-"));
  }
});

Deno.test("the next command to run is printed first, and then the dashboard", async () => {
  using home = new InProcess();
  const serving = new Serving(home, []);
  await serving.printed(/Ctrl-C\n/);
  const { stdout } = await serving.stop();
  const url = /http:\S+/.exec(stdout)?.[0] ?? "";
  const token = /token=(.*)/.exec(stdout)?.[1] ?? "";
  const code = /[A-Z]{4}-[A-Z]{4}$/m.exec(stdout)?.[0] ?? "";
  assert.equal(
    stdout,
    `Log in from another terminal:

  arcade login --url ${url}

Dashboard  ${url}/?token=${token}
Code       ${code}
Data       ${Deno.realPathSync(home.path)}/.arcade/local

The dashboard address works once. Other browsers ask for the code once.

Stop with Ctrl-C
`,
  );
});

Deno.test("--env prints the variables after the dashboard", async () => {
  using home = new InProcess();
  const serving = new Serving(home, ["--env", "--auto-approve"]);
  await serving.printed(/Ctrl-C\n/);
  const { stdout } = await serving.stop();
  const url = /http:\S+/.exec(stdout)?.[0] ?? "";
  const data = `${Deno.realPathSync(home.path)}/.arcade/local`;
  const [key = ""] = /arc_local_[\w-]{43}/.exec(stdout) ?? [];
  assert.equal(
    stdout,
    `Log in from another terminal:

  arcade login --url ${url}

Dashboard  ${url}
Data       ${data}

Variables for SDKs and servers:

  export ARCADE_API_KEY=${key}
  export ARCADE_API_URL=${url}
  export ARCADE_BASE_URL=${url}
  export ARCADE_COORDINATOR_URL=${url}
  export ARCADE_ENGINE_URL=${url}
  export ARCADE_POSTHOG_HOST=${url}
  export ARCADE_POSTHOG_KEY=local
  export ARCADE_USER_ID=developer@arcade.local
  export ARCADE_WORK_DIR=${shellWord(`${data}/home`)}

Stop with Ctrl-C
`,
  );
});

Deno.test("--json has the variables, with and without --env", async () => {
  for (const args of [[], ["--env"]]) {
    using home = new InProcess();
    const serving = new Serving(home, ["--json", ...args]);
    const { url, data, environment, ...rest } = JSON.parse(await serving.printed(/^\{.*\}\n/));
    await serving.stop();
    assert.deepEqual(Object.keys(rest), ["dashboard", "code"]);
    const { ARCADE_API_KEY: key, ...others } = environment;
    assert.match(key, /^arc_local_/);
    assert.deepEqual(others, {
      ARCADE_API_URL: url,
      ARCADE_BASE_URL: url,
      ARCADE_COORDINATOR_URL: url,
      ARCADE_ENGINE_URL: url,
      ARCADE_POSTHOG_HOST: url,
      ARCADE_POSTHOG_KEY: "local",
      ARCADE_USER_ID: "developer@arcade.local",
      ARCADE_WORK_DIR: `${data}/home`,
    });
  }
});

for (const [flag, status] of [["--auto-grant", "completed"], ["--auto-approve", "pending"]]) {
  Deno.test(`with ${flag}, an authorization is ${status} at once`, async () => {
    using home = new InProcess();
    const serving = new Serving(home, ["--json", flag ?? ""]);
    const { url, environment } = JSON.parse(await serving.printed(/^\{.*\}\n/));
    const answer = await fetch(`${url}/v1/auth/authorize`, {
      method: "POST",
      headers: { authorization: environment.ARCADE_API_KEY },
      body: JSON.stringify({
        user_id: "ada@example.com",
        auth_requirement: { provider_id: "github" },
      }),
    });
    assert.equal((await answer.json()).status, status);
    const { stdout, stderr } = await serving.stop();
    assert.doesNotMatch(stdout + stderr, /fake_/);
  });
}

Deno.test("a second start immediately reports the address of the first and the next step", async () => {
  await using _locks = new AwaitedLocks();
  using home = new InProcess();
  const serving = new Serving(home, ["--json"]);
  const { url } = JSON.parse(await serving.printed(/^\{.*\}\n/));
  const { port } = new URL(url);
  for (const args of [["--port", "0"], ["--port", port, "--json"]]) {
    const { code, stdout, stderr } = await home.run(["local", "serve", ...args]);
    const text = args.includes("--json") ? errorTextIn(stderr) : stderr;
    assert.deepEqual({ code, stdout, text }, {
      code: 1,
      stdout: "",
      text: `Error: A local Arcade is already running at ${url}
  Run \`arcade login --url ${url}\`, stop it, or use \`--data\` and \`--port\` for another one
`,
    });
  }
  await serving.stop();
});

Deno.test("`local serve` says that it cannot listen only when that failed", async () => {
  using home = new InProcess();
  const line = ["local", "serve", "--port", "0", "--data", `${home.path}/data`];
  const elsewhere = await home.run([...line, "--bind", "203.0.113.1"]); // RFC 5737: no machine has it
  assert.match(elsewhere.stderr, /Error: Cannot listen on 203\.0\.113\.1, port 0\n/);
  Deno.mkdirSync(`${home.path}/data/home`, { recursive: true });
  Deno.writeTextFileSync(`${home.path}/data/home/running`, "");
  const blocked = await home.run(line);
  assert.notEqual(blocked.code, 0);
  assert.match(blocked.stderr, /Error: [^\n]*\/data\/home\/running/);
  assert.doesNotMatch(blocked.stderr, /listen/);
});

for (const words of [["serve", "--port", "0"], ["exec"]]) {
  Deno.test({
    name: `\`local ${words[0]}\` says on a terminal that it starts the servers in a seed`,
    ignore: Deno.build.os === "windows",
  }, async () => {
    using home = new InProcess();
    const servers = `servers: [{name: broken, folder: ., command: [sh, -c, exit 3]}]\n`;
    Deno.writeTextFileSync(`${home.path}/seed.yaml`, servers);
    const args = ["local", ...words, "--seed", "seed.yaml", ...words[0] === "exec" ? ["true"] : []];
    const env = { HOME: home.path, PATH: "/usr/bin:/bin" };
    const { stderr } = await home.run(args, { env, terminal: true });
    assert.match(stderr, /Starting the servers in the seed…[^]*The server broken .* does not run/);
    const quiet = await home.run(args, { env });
    assert.doesNotMatch(quiet.stderr, /Starting/);
  });
}
