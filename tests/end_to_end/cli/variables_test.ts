/** The effect of each variable in the tables of docs/security.md, with the executable. */

import assert from "node:assert/strict";
import { AGENT_VARIABLES } from "../../../src/contract/variables.ts";
import { repeated } from "../../support/patience.ts";
import { Answers, json } from "../../support/answers.ts";
import { errorIn } from "../../support/error_object.ts";
import { addressOf, browserOf, TestMachine } from "../../support/test_machine.ts";

type Effect = (machine: TestMachine, server: Answers) => Promise<void>;
const LIST = ["secret", "list"];

/** Runs `secret list`, and returns the request that arrived. */
async function listed(machine: TestMachine, server: Answers, env: Record<string, string>) {
  const { code, stderr } = await machine.run(LIST, { env });
  assert.equal(code, 0, stderr);
  const seen = server.seen.at(-1);
  assert(seen, "No request arrived");
  return seen;
}

/** With a login, the command succeeds without the variable, and with it names what does not exist. */
function refused(name: string, expected: RegExp): Effect {
  return async (machine) => {
    await machine.serveInProcess();
    await machine.logIn();
    assert.equal((await machine.run(LIST)).code, 0);
    const { code, stderr } = await machine.run(LIST, { env: { [name]: "nope" } });
    assert.notEqual(code, 0);
    assert.match(stderr, expected);
  };
}

/** Whether `telemetry status` says this. */
function status(env: Record<string, string>, expected: RegExp): Effect {
  return async (machine) => {
    const on = { ARCADE_POSTHOG_KEY: "phc_test", ARCADE_POSTHOG_HOST: "http://posthog.invalid" };
    const args = ["telemetry", "status"];
    assert.doesNotMatch(
      (await machine.run(args, { env: { ARCADE_POSTHOG_KEY: "" } })).stdout,
      expected,
    );
    assert.match((await machine.run(args, { env: { ...on, ...env } })).stdout, expected);
  };
}

async function loginOf(machine: TestMachine, env: Record<string, string>) {
  const { url } = await machine.serveInProcess();
  const login = machine.start(["login", "--callback-port", "0"], { env });
  return { login, url };
}

const EFFECTS: Readonly<Record<string, Effect>> = {
  ARCADE_API_KEY: async (machine, server) => {
    const env = { ARCADE_API_KEY: "key-of-test", ARCADE_ENGINE_URL: server.url };
    assert.equal((await listed(machine, server, env)).authorization, "Bearer key-of-test");
  },
  ARCADE_TOKEN: async (machine, server) => {
    const env = { ARCADE_TOKEN: "token-of-test", ARCADE_ENGINE_URL: server.url };
    assert.equal((await listed(machine, server, env)).authorization, "Bearer token-of-test");
  },
  ARCADE_IDENTITY_FILE: async (machine) => {
    const path = `${machine.home}/identities/mine.toml`;
    const env = { ARCADE_IDENTITY_FILE: "~/identities/mine.toml", ARCADE_TOKEN: "token-of-test" };
    const { code, stderr } = await machine.run(["identity", "add", "--hub", "hub.example.com"], {
      env,
    });
    assert.equal(code, 0, stderr);
    assert.match(Deno.readTextFileSync(path), /hub\.example\.com/);
  },
  ARCADE_COORDINATOR_URL: async (machine, server) => {
    const env = { ARCADE_TOKEN: "token-of-test", ARCADE_COORDINATOR_URL: server.url };
    await machine.run(["org", "list"], { env });
    assert.match(server.seen[0]?.path ?? "", /^\/api\/v1\//);
  },
  ARCADE_ENGINE_URL: async (machine, server) => {
    const env = { ARCADE_API_KEY: "key-of-test", ARCADE_ENGINE_URL: server.url };
    await listed(machine, server, { ...env, ARCADE_URL: "http://127.0.0.1:1" });
  },
  ARCADE_URL: async (machine, server) => {
    await listed(machine, server, { ARCADE_API_KEY: "key-of-test", ARCADE_URL: server.url });
  },
  ARCADE_CONTEXT: refused("ARCADE_CONTEXT", /context/),
  ARCADE_ORG_ID: refused("ARCADE_ORG_ID", /organization/),
  ARCADE_PROJECT_ID: refused("ARCADE_PROJECT_ID", /project/),
  ARCADE_USER_ID: async (machine, server) => {
    const env = { ARCADE_API_KEY: "key", ARCADE_ENGINE_URL: server.url, ARCADE_USER_ID: "u_1" };
    await machine.run(["auth", "start", "github"], { env });
    assert.equal(JSON.parse(server.seen[0]?.body ?? "").user_id, "u_1");
  },
  ARCADE_WORK_DIR: async (machine) => {
    await machine.run(["telemetry", "disable"], { env: { ARCADE_WORK_DIR: "~/elsewhere" } });
    assert(Deno.statSync(`${machine.home}/elsewhere/usage-settings.json`).isFile);
  },
  ARCADE_LOGIN_TIMEOUT_SECONDS: async (machine) => {
    const env = { ARCADE_LOGIN_TIMEOUT_SECONDS: "0.5", SSH_CONNECTION: "1" };
    const { login } = await loginOf(machine, env);
    assert.match((await login.end()).stderr, /timed out after 0\.5 s/);
  },
  ARCADE_TIMEOUT_SECONDS: async (machine) => {
    using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const ARCADE_ENGINE_URL = `http://127.0.0.1:${silent.addr.port}`;
    const env = { ARCADE_API_KEY: "key", ARCADE_ENGINE_URL, ARCADE_TIMEOUT_SECONDS: "0.2" };
    assert.match((await machine.run(LIST, { env })).stderr, /within 0\.2 s/);
  },
  ARCADE_OUTPUT: async (machine, server) => {
    const env = { ARCADE_API_KEY: "key", ARCADE_ENGINE_URL: server.url, ARCADE_OUTPUT: "json" };
    const { stdout } = await machine.run(LIST, { env });
    assert.deepEqual(JSON.parse(stdout), { secrets: [] });
    const failed = await machine.run(LIST, { env: { ARCADE_OUTPUT: "json" } });
    assert.equal(errorIn(failed.stderr).code, "login");
    const { code, stderr } = await machine.run(LIST, { env: { ...env, ARCADE_OUTPUT: "yaml" } });
    assert.equal(code, 2);
    assert.match(stderr, /^Error: ARCADE_OUTPUT: expected json or text\n/);
  },
  ARCADE_COMPLETION_OFFLINE: async (machine, server) => {
    await machine.serveInProcess();
    await machine.logIn();
    machine.moveLogin({ engine: server.url });
    const complete = ["__complete", "bash", "arcade secret unset ", ""];
    await machine.run(complete, { env: { ARCADE_COMPLETION_OFFLINE: "1" } });
    assert.equal(server.seen.length, 0);
    await repeated(() => machine.run(complete), () => server.seen.length > 0);
    assert.equal(server.seen.length, 1);
  },
  ARCADE_NO_BACKGROUND_TRAFFIC: status(
    { ARCADE_NO_BACKGROUND_TRAFFIC: "1" },
    /ARCADE_NO_BACKGROUND_TRAFFIC/,
  ),
  ARCADE_DEBUG: async (machine, server) => {
    const env = { ARCADE_API_KEY: "key", ARCADE_ENGINE_URL: server.url, ARCADE_DEBUG: "1" };
    assert.match((await machine.run(LIST, { env })).stderr, /^> GET /m);
  },
  ARCADE_USAGE_TRACKING: status({ ARCADE_USAGE_TRACKING: "maybe" }, /ARCADE_USAGE_TRACKING/),
  DO_NOT_TRACK: status({ DO_NOT_TRACK: "1" }, /DO_NOT_TRACK/),
  ARCADE_USAGE_DEBUG: async (machine) => {
    const { stderr } = await machine.run(["whoami"], { env: { ARCADE_USAGE_DEBUG: "1" } });
    assert.match(stderr, /CLI execution failed/);
  },
  ARCADE_POSTHOG_KEY: status({}, /posthog\.invalid/),
  ARCADE_POSTHOG_HOST: status({ ARCADE_POSTHOG_HOST: "http://other.invalid" }, /other\.invalid/),
  BROWSER: async (machine) => {
    await machine.serveInProcess();
    const login = ["login", "--callback-port", "0", "--browser"];
    const env = { BROWSER: browserOf(machine) };
    const { code, stderr } = await machine.run(login, { env });
    assert.equal(code, 0, stderr);
    assert.match(stderr, /Opening your browser/);
  },
  DENO_SERVE_ADDRESS: async (machine) => {
    const env = { DENO_SERVE_ADDRESS: "tcp:0.0.0.0:1" };
    const { code, stderr } = await machine.run(["local", "serve", "--port", "0"], { env });
    assert.notEqual(code, 0);
    assert.match(stderr, /DENO_SERVE_ADDRESS/);
  },
  HOME: async (machine) => {
    const home = `${machine.path}/other`;
    Deno.mkdirSync(home);
    const env = { HOME: home, ARCADE_WORK_DIR: undefined };
    await machine.run(["telemetry", "disable"], { env });
    assert(Deno.statSync(`${home}/.arcade/usage-settings.json`).isFile);
  },
  SSH_CONNECTION: async (machine) => {
    const { login, url } = await loginOf(machine, { SSH_CONNECTION: "1", BROWSER: "false" });
    assert((await addressOf(login)).startsWith(url));
    login.kill("SIGINT");
    await login.end();
  },
};

/** Where the effects of the others are tested: those of a terminal, of Windows, of servers, and of the network. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  ARCADE_NO_UPDATE_CHECK: "end_to_end/cli/update_test.ts",
  ARCADE_DOWNLOAD_URL: "commands/update/update_test.ts",
  ARCADE_DISABLE_AUTOUPDATE: "update/observer_test.ts",
  CI: "update/observer_test.ts",
  CLAUDECODE: "end_to_end/cli/attendance_test.ts",
  ARCADE_USAGE_EVENT_DATA: "end_to_end/telemetry/child_test.ts",
  NO_COLOR: "end_to_end/cli/terminal_test.ts",
  TERM: "end_to_end/cli/terminal_test.ts",
  PATH: "end_to_end/servers/deploy_test.ts",
  TMPDIR: "end_to_end/servers/deploy_test.ts",
  LC_CTYPE: "local/servers/servers_test.ts",
  TZ: "store/expiry_test.ts",
  USERPROFILE: "files/arcade_folder_test.ts",
  SSH_TTY: "commands/shared/browser_test.ts",
  SUDO_UID: "end_to_end/leaks/login_of_another_user_test.ts",
  container: "commands/shared/browser_test.ts",
  DISPLAY: "commands/shared/browser_test.ts",
  SYSTEMROOT: "commands/shared/browser_test.ts",
  DENO_DIR: "end_to_end/telemetry/child_test.ts",
  HTTPS_PROXY: "end_to_end/faults/proxies_test.ts",
  https_proxy: "end_to_end/faults/proxies_test.ts",
  HTTP_PROXY: "end_to_end/telemetry/inheritance_test.ts",
  http_proxy: "end_to_end/telemetry/inheritance_test.ts",
  REQUEST_METHOD: "end_to_end/telemetry/inheritance_test.ts",
  ALL_PROXY: "end_to_end/leaks/proxy_test.ts",
  all_proxy: "end_to_end/telemetry/inheritance_test.ts",
  NO_PROXY: "end_to_end/leaks/proxy_test.ts",
  no_proxy: "end_to_end/leaks/proxy_test.ts",
  DENO_CERT: "end_to_end/cli/certificates_test.ts",
  NODE_EXTRA_CA_CERTS: "end_to_end/cli/certificates_test.ts",
  DENO_TLS_CA_STORE: "end_to_end/cli/certificates_test.ts",
  SSL_CERT_FILE: "end_to_end/cli/certificates_test.ts",
  ...Object.fromEntries(
    [
      ...["APPDATA", "CLAUDE_CONFIG_DIR", "CLINE_DATA_DIR", "CLINE_DIR", "CLINE_MCP_SETTINGS_PATH"],
      ...["CODEX_HOME", "COPILOT_HOME", "FLATPAK_XDG_CONFIG_HOME", "GEMINI_CLI_HOME"],
    ].map((name) => [name, "clients/clients_test.ts"]),
  ),
};

/** The variables of the same row, which one of the tests above stands for. */
const SAME_ROW = new Set([
  ...["LANG", "LC_ALL", "LOGNAME", "USER", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"],
  ...["WAYLAND_DISPLAY", "WSL_DISTRO_NAME"],
  ...AGENT_VARIABLES.filter((name) => name !== "CLAUDECODE"),
]);
/** Only a Windows has it. */
const UNTESTED = ["LOCALAPPDATA"];

Deno.test("each variable in the tables has a test", async () => {
  const page = await Deno.readTextFile(`${import.meta.dirname}/../../../docs/security.md`);
  const [, section = ""] = page.split("\n## Environment variables\n");
  const rows = (section.split("\n## ")[0] ?? "").split("\n").filter((line) =>
    line.startsWith("| `")
  );
  const names = rows.flatMap((row) =>
    [...(row.split("|")[1] ?? "").matchAll(/`(\w+)`/g)].map(([, name = ""]) => name)
  );
  assert(names.length > 40);
  const tested = [
    ...Object.keys(EFFECTS),
    ...Object.keys(ELSEWHERE),
    ...SAME_ROW,
    ...UNTESTED,
  ];
  assert.deepEqual(names.filter((name) => !tested.includes(name)), []);
  assert.deepEqual(tested.filter((name) => !names.includes(name)), []);
  for (const [name, path] of Object.entries(ELSEWHERE)) {
    const test = await Deno.readTextFile(`${import.meta.dirname}/../../${path}`);
    assert.match(test, new RegExp(`\\b${name}\\b`), `${path} does not test ${name}`);
  }
});

Deno.test("a variable has its effect", async (t) => {
  for (const [name, effect] of Object.entries(EFFECTS)) {
    await t.step(name, async () => {
      await using machine = new TestMachine();
      await using server = new Answers(() => json({ items: [], data: { items: [] } }));
      await effect(machine, server);
    });
  }
});
