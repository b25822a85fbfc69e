import assert from "node:assert/strict";
import { allCommands } from "../../../src/cli/declaration.ts";
import { ROUTES } from "../../../src/commands/routes.ts";
import { Answers, json } from "../../support/answers.ts";
import { browserOf, WireTap } from "../../support/test_machine.ts";
import { type Sent, TelemetryMachine } from "../../support/telemetry_machine.ts";
import { echo, LINES, MARK, VALUE, Watch } from "../../support/watch.ts";

Deno.test("no command shows or stores a token or a value where it must not", async () => {
  await using machine = new TelemetryMachine();
  const server = await machine.serve();
  await using sink = new Answers(() => json({ status: "Ok" }));
  machine.reportTo(sink.url);
  let isEchoing = false;
  await using tap = new WireTap(server.url, (seen) => isEchoing ? echo(seen) : undefined);
  tap.listenTo(machine);
  const watch = new Watch(machine, tap);
  const input = (name: string, text: string) => {
    Deno.mkdirSync(`${machine.path}/input`, { recursive: true });
    Deno.writeTextFileSync(`${machine.path}/input/${name}`, text);
    return `${machine.path}/input/${name}`;
  };
  for (const name of ["pyproject.toml", "server.py"]) {
    Deno.writeTextFileSync(`${machine.home}/${name}`, "");
  }
  const env = { BROWSER: browserOf(machine) };
  const login = ["login", "--callback-port", "0", "--browser"];
  const work = [
    ["whoami"],
    ["context", "list"],
    ["context", "show"],
    ["context", "set", "default"],
    ["context", "add", "http://127.0.0.1:1", "--callback-port", "0"],
    ["context", "delete", "no-context"],
    ["api", "GET", "/v1/orgs/{org}/projects/{project}/secrets"],
    ["server", "list"],
    ["server", "get", "weather"],
    ["server", "enable", "weather"],
    ["server", "disable", "weather"],
    ["server", "logs", "weather"],
    ["server", "delete", "weather", "--yes"],
    ["new", "weather", "--dir", machine.path],
    ["deploy", "--skip-validate", "-n", "weather", "-v", "1"],
    ["mcp", "stdio", "--", "true"],
    ["dev", "--ephemeral", "--port", "0", "--until-ready", "none.py", "--", "true"],
    ["configure", "cursor", "--dry-run"],
    ["configure", "cursor"],
    ["configure", "cursor", "--remove"],
    ["configure", "codex", "--print"],
    ["configure", "--list"],
    ["mcp", "proxy", `${server.url}/mcp/none`],
    ["mcp", "logout", `${server.url}/mcp/none`],
    ["gateway", "list"],
    ["gateway", "create", "--tool", "Weather.Forecast", "--slug", "canary"],
    ["gateway", "get", "canary"],
    ["gateway", "url", "canary"],
    ["gateway", "edit", "canary", "--status", "inactive"],
    ["gateway", "test", "canary"],
    ["connect", "cursor", "--gateway", "canary"],
    ["connect", "codex", "--tool", "Weather.Forecast", "--dry-run"],
    ["gateway", "delete", "canary", "--yes"],
    ["tool", "list"],
    ["tool", "get", "Weather.Forecast"],
    ["tool", "call", "Weather.Forecast", "--place", VALUE],
    ["tool", "call", "Weather.Forecast", "--place", VALUE, "--", "true"],
    ["tool", "search", "weather"],
    ["tool", "runs", "list"],
    ["auth", "start", "github", "--scope", "repo"],
    ["auth", "status", "ac_none"],
    ["auth", "list"],
    ["auth", "revoke", "uc_none", "--yes"],
    ["show"],
    ["dashboard", "--print"],
    ["update", "--check"],
    ["completion", "bash"],
    ["doctor"],
    ["doctor", "--report"],
    ["org", "list"],
    ["project", "list"],
    ["org", "set", "Default organization"],
    ["project", "set", "Default project"],
    ["secret", "list"],
    ["secret", "set", `KEY=${VALUE}`],
    ["secret", "set", `KEY=${VALUE}`, `LINES=${LINES}`, "--dry-run"],
    ["secret", "set", "--from-env", "-f", input("good", `A=${VALUE}\nB='${LINES}'\nA=${VALUE}2\n`)],
    ["secret", "set", "--from-env", "-f", input("few", `A=${VALUE}\n`), "--prune", "--yes"],
    ["secret", "set", "--from-env", "-f", input("few", `A=${VALUE}\n`), "--prune", "--dry-run"],
    ["secret", "unset", "A", "KEY", "NONE"],
    ["telemetry", "status"],
    ["telemetry", "show"],
    ["telemetry", "disable"],
    ["telemetry", "enable"],
    ["local", "status"],
    ["local", "stop", "--port", "1"],
    ["local", "reset"],
    ["local", "export", `${machine.path}/seed.yaml`],
    ["local", "grant", "nobody@example.com", "github"],
    ["local", "revoke", "nobody@example.com", "github"],
  ];
  const mistakes = [
    ["secret", "set", `MY KEY=${VALUE}`],
    ["secret", "set", `=${VALUE}`],
    ["secret", "set", "KEY", "=", VALUE],
    ["secret", "set", `KEY=${VALUE}`, `KEY=${VALUE}`],
    ["secret", "set", `not/allowed=${VALUE}`],
    ["secret", "set", `KEY=${VALUE}`, "--from-env"],
    ["secret", "set", `KEY=${VALUE}`, "--concurrency", "0"],
    ["secret", "set", "--from-env", "-f", input("no-equals", `${VALUE}\nA=${VALUE}\n`)],
    ["secret", "set", "--from-env", "-f", input("open", `A='${LINES}\n`)],
    ["secret", "set", "--from-env", "-f", input("behind", `A="${MARK}" ${VALUE}\n`)],
    ["secret", "set", "--from-env", "-f", input("space", `MY KEY=${VALUE}\nexport\n`)],
    ["secret", "unset", `KEY=${VALUE}`],
    ["secret", "list", `KEY=${VALUE}`],
    ["secret", `KEY=${VALUE}`],
    [`KEY=${VALUE}`],
    ["secret", "set", "KEY", `--value=${VALUE}`],
    ["whoami", `KEY=${VALUE}`],
    ["org", "set", "nowhere"],
    ["secret", "list", "--host", "arcade.invalid"],
  ];

  // Before the login, during it, and a second login.
  const ofSecrets = work.filter(([group]) => group === "secret");
  for (const args of [...ofSecrets, ["logout"]]) await watch.run([...args, "--debug"]);
  assert.equal(await watch.run([...login, "--debug"], { env }), 0);
  await watch.run([...login, "--debug"], { env });
  for (const name of ["access_token", "refresh_token"]) {
    assert(watch.sensitive.has(machine.stored(name)), `The watch does not cover the ${name}`);
  }

  for (const args of work) await watch.runBothWays(args);
  assert.equal(await watch.run(["secret", "set", "LINES", "--debug"], { stdin: LINES }), 0);
  assert.equal(tap.values().get("LINES"), LINES);
  for (const args of mistakes) await watch.runBothWays(args, { stdin: LINES });

  // With an API key.
  const { api_key = "" } = await machine.post(
    `/api/v1/orgs/${machine.stored("org_id")}/projects/${machine.stored("project_id")}/api_keys`,
    {},
  );
  assert(watch.sensitive.has(api_key));
  for (const args of ofSecrets) {
    await watch.run([...args, "--debug"], { env: { ARCADE_API_KEY: api_key } });
  }

  // While the server echoes every request.
  isEchoing = true;
  for (const args of work) await watch.runBothWays(args, { stdin: LINES });
  for (const args of ofSecrets) {
    await watch.runBothWays(args, { env: { ARCADE_API_KEY: api_key } });
  }
  isEchoing = false;
  machine.makeTokenDue();
  for (const path of ["/oauth2/token", "/oauth2/revoke"]) {
    await using echoing = new WireTap(
      server.url,
      (seen) => seen.path === path ? echo(seen) : undefined,
    );
    machine.moveLogin({ coordinator: echoing.url });
    await watch.runBothWays(["org", "list"]);
    const env = { BROWSER: browserOf(machine) };
    const elsewhere = { ...env, ARCADE_WORK_DIR: `${machine.path}/elsewhere` };
    await watch.run([...login, "--debug"], { env: elsewhere });
    await watch.run(["logout", "--debug"], { env: elsewhere });
    for (const body of echoing.seen) tap.seen.push(body);
    tap.answered.push(...echoing.answered);
  }
  machine.moveLogin({ coordinator: tap.url });

  // A logout, and logins with a code: in one command, and in two.
  assert.equal(await watch.run(["logout", "--debug"]), 0);
  assert.equal(await watch.run(["login", "--device", "--debug"]), 0);
  assert([...watch.sensitive].some((one) => one.startsWith("arcl_dc_")));
  assert([...watch.sensitive].some((one) => one.startsWith("arcl_ac_")));
  assert.equal(await watch.run(["logout"]), 0);
  for (const flag of ["--no-wait", "--resume"]) {
    assert.equal(await watch.run(["login", flag, "--debug", "--json"]), 0);
  }
  assert.equal(await watch.run(["logout"]), 0);

  // All commands were covered, except these.
  const commands = (await allCommands(ROUTES)).map(({ words }) => words.join(" "));
  // Identities have a separate test, `local env` prints a key on purpose, and `local exec` and `version` are not reported.
  const elsewhere = /^local (?:serve|env|exec)$|^identity |^version$/;
  const watched = commands.filter((command) => !elsewhere.test(command));
  for (const command of watched) {
    assert(
      watch.printed.some(({ line }) => line.startsWith(`arcade ${command}`)),
      `arcade ${command} is not covered`,
    );
  }
  assert.deepEqual(watch.leaks(), []);

  // Telemetry contains none of it either.
  await machine.senders.gone();
  watch.checkFiles();
  const commandsReported = new Set<unknown>();
  for (const { body } of sink.seen) {
    const { batch: [{ properties }] }: { batch: [Sent] } = JSON.parse(body);
    commandsReported.add(properties.command_name);
    const { error_message = "" } = properties;
    for (const text of [...watch.sensitive, "developer@arcade.local", machine.path]) {
      assert(!body.toLowerCase().includes(text.toLowerCase()), `${text} is in ${body}`);
    }
    assert.doesNotMatch(String(error_message), /nowhere|\.invalid|no-equals|default/i);
  }
  for (const command of watched) {
    const isReported = commandsReported.has(command.replace(" ", "."));
    const mayBe = !["telemetry disable", "completion"].includes(command);
    assert.equal(isReported, mayBe, `arcade ${command}: ${isReported}`);
  }
});
