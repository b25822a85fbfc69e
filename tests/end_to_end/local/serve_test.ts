import assert from "node:assert/strict";
import { shellWord } from "../../../src/text/shell_word.ts";
import {
  addressOf,
  assertRefused,
  BINARY,
  isAvailable,
  open,
  type Running,
  ServerProcess,
  succeeds,
  TestMachine,
} from "../../support/test_machine.ts";
import { until } from "../../support/patience.ts";
import { hasProc } from "../../support/proc.ts";
import { gone, killGuardOf, runs } from "../../support/processes.ts";
import { ORDINARY, withoutOtherOwners } from "../../support/users.ts";
import { withTemporaryFolder } from "../../support/temporary_folder.ts";
import { withoutPipes } from "../../support/programs.ts";

const onUnix = Deno.build.os !== "windows";
const withoutProc = !isAvailable(
  "Linux, to inspect the ports and streams of a process",
  () => succeeds("test", "-r", "/proc/self/net/tcp"),
);
const withoutTerminal = withoutProc ||
  !isAvailable("script, for a pseudo-terminal", () => succeeds("script", "--version"));

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return false;
  }
}

function serveEphemeral(machine: TestMachine): Promise<ServerProcess> {
  return ServerProcess.start(machine, { args: ["--ephemeral"] });
}

Deno.test("`local serve --json` prints one line", async () => {
  await using machine = new TestMachine();
  for (const args of [["--ephemeral"], ["--ephemeral", "--auto-approve"]]) {
    const serving = machine.start(["local", "serve", "--port", "0", "--json", ...args]);
    await serving.printed(/\n/);
    serving.kill("SIGINT");
    const { stdout, code } = await serving.end();
    assert.equal(code, 0);
    assert.match(stdout, /^\{.+\}\n$/);
    const announced = JSON.parse(stdout);
    assert.deepEqual(Object.keys(announced), ["url", "data", "environment", "dashboard", "code"]);
    const isOpen = args.length > 1;
    assert.equal(announced.dashboard === announced.url, isOpen);
    assert.equal(announced.code === null, isOpen);
  }
});

Deno.test("`local serve` prints and explains the address of the dashboard and the code", async () => {
  await using machine = new TestMachine();
  const serving = machine.start(["local", "serve", "--port", "0", "--ephemeral"]);
  const [, url = "", dashboard = "", code] = await serving.printed(
    /\n {2}arcade login --url (\S+)\n\nDashboard {2}(\S+)\nCode {7}([A-Z]{4}-[A-Z]{4})\n[^]*Ctrl-C\n/,
  );
  assert(dashboard.startsWith(`${url}/?token=`));
  assert.match(await open(url), /Is this your local Arcade\?/);
  const form = new URLSearchParams({ code: code ?? "", next: "/" });
  const admitted = await fetch(`${url}/access`, { method: "POST", body: form, redirect: "manual" });
  assert.equal(admitted.status, 303);
  await admitted.body?.cancel();
  // Lines fit 80 columns, except for the paths of this machine.
  for (const line of serving.stdout.split("\n").filter((one) => !one.includes("/"))) {
    assert(line.length <= 80 || line.includes("dashboard"), line);
  }
});

for (
  const address of [
    "tcp:0.0.0.0:0",
    "tcp:127.0.0.1:0",
    "duplicate,tcp:0.0.0.0:0",
    "unix:SOCKET",
    "duplicate,unix:SOCKET",
    "vsock:-1:5000",
    "tunnel",
  ]
) {
  Deno.test(`DENO_SERVE_ADDRESS=${address} affects neither \`local serve\` nor the callback of \`login\``, async () => {
    await using machine = new TestMachine();
    await machine.serve();
    const socket = `${machine.path}/socket`;
    const env = { DENO_SERVE_ADDRESS: address.replace("SOCKET", socket) };
    const serve = ["local", "serve", "--port", "0", "--data", `${machine.path}/other`];
    const login = ["login", "--callback-port", "0", "--no-browser"];
    for (const command of [serve, login]) {
      const refused = await machine.run(command, { env });
      assertRefused(
        refused,
        2,
        /DENO_SERVE_ADDRESS .*from 127\.0\.0\.1\n {2}Unset DENO_SERVE_ADDRESS/,
      );
    }
    assert(!exists(socket));
  });
}

Deno.test(
  { name: "a pipe in the data folder is reported immediately", ignore: withoutPipes },
  async () => {
    await using machine = new TestMachine();
    const data = `${machine.path}/data`;
    for (const name of ["arcade.db", "arcade.db-wal", "encryption.key", "arcade.lock"]) {
      await Deno.mkdir(data, { mode: 0o700 });
      assert(succeeds("mkfifo", `${data}/${name}`));
      const serve = ["local", "serve", "--port", "0", "--data", data];
      assertRefused(
        await machine.run(serve),
        1,
        new RegExp(`${name} is not a regular file.*\n.*--data`),
      );
      await Deno.remove(data, { recursive: true });
    }
  },
);

Deno.test({
  name: "a symlink in the data folder is reported, and its target is unchanged",
  ignore: !onUnix,
}, async () => {
  await using machine = new TestMachine();
  const [data, script] = [`${machine.path}/data`, `${machine.path}/script`];
  await Deno.mkdir(data, { mode: 0o700 });
  await Deno.writeTextFile(script, "#!/bin/sh\n", { mode: 0o755 });
  await Deno.chmod(script, 0o755);
  await Deno.symlink(script, `${data}/encryption.key`);
  const serve = ["local", "serve", "--port", "0", "--data", data];
  assertRefused(await machine.run(serve), 1, /encryption\.key is a symlink.*\n.*--data/);
  assert.equal((await Deno.stat(script)).mode! & 0o777, 0o755);
});

Deno.test("Ctrl-C ends `local serve` while it waits for the lock", async () => {
  await using machine = new TestMachine();
  const data = `${machine.path}/data`;
  Deno.mkdirSync(data, { mode: 0o700 });
  using lock = await Deno.open(`${data}/arcade.lock`, { write: true, create: true, mode: 0o600 });
  await lock.lock(true);
  const waiting = machine.start(["local", "serve", "--port", "0", "--debug", "--data", data]);
  await waiting.isKeptWaiting();
  waiting.kill("SIGINT");
  const { code, signal, stdout, stderr } = await waiting.end();
  assert.deepEqual({ code, signal, stdout, stderr }, {
    code: 0,
    signal: null,
    stdout: "",
    stderr: "Permissions: read, write, net, run\nLocal Arcade stopped\n",
  });
});

Deno.test("a start with the variables of a local Arcade uses the same data", async () => {
  await using machine = new TestMachine();
  const start = async (env: Record<string, string>) => {
    const serving = machine.start(["local", "serve", "--port", "0", "--json"], { env });
    await serving.printed(/^\{.*\}\n/);
    const { url, data, environment } = JSON.parse(serving.stdout);
    assert.equal(data, `${machine.folder}/local`);
    // Without telemetry, because its child process could outlive the test.
    const variables = { ...environment, ARCADE_POSTHOG_KEY: "" };
    const second = await machine.run(["local", "serve", "--port", "0"], { env: variables });
    assertRefused(second, 1, new RegExp(`is already running at ${url}\n`));
    serving.kill("SIGINT");
    assert.equal((await serving.end()).code, 0);
    return variables;
  };
  await start(await start({}));
});

Deno.test("`local serve` reports the address of a running one on the same data, but not of a killed one", async () => {
  await using machine = new TestMachine();
  const { url, data, process } = await machine.serve();
  const serve = ["local", "serve", "--data", data, "--port"];
  for (const port of ["0", new URL(url).port]) {
    const already = `^Error: A local Arcade is already running at ${url}\n`;
    assertRefused(await machine.run([...serve, port]), 1, new RegExp(already));
  }
  process.kill("SIGKILL");
  await process.end();
  assert(exists(`${data}/arcade.address`));
  const next = machine.start([...serve, "0", "--json"]);
  await next.printed(/^\{.*\}\n/);
  next.kill("SIGINT");
  assert.equal((await next.end()).code, 0);
  assert(!exists(`${data}/arcade.address`));
});

Deno.test("Ctrl-C ends `local serve` while connections are open", async () => {
  await using machine = new TestMachine();
  const server = await machine.serve();
  const { port } = new URL(server.url);
  const host = `Host: 127.0.0.1:${port}\r\n`;
  const beginnings = [
    "", // sends nothing
    `GET / HTTP/1.1\r\n${host}`,
    `POST /oauth2/token HTTP/1.1\r\n${host}Content-Length: 10\r\n\r\nhalf`,
    `GET /v1/health HTTP/1.1\r\n${host}\r\n`,
  ];
  const connections = [];
  for (const beginning of beginnings) {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
    connections.push(connection);
    await connection.write(new TextEncoder().encode(beginning));
  }
  await connections.at(-1)?.read(new Uint8Array(1000));
  assert.equal(await server.stop(), 0);
  for (const connection of connections) connection.close();
});

Deno.test("an invalid Host is answered with 400 without printing anything", async () => {
  await using machine = new TestMachine();
  const server = await ServerProcess.start(machine, { args: ["--ephemeral"] });
  const login = machine.start(["login", "--callback-port", "0", "--no-browser"], {
    env: { ARCADE_COORDINATOR_URL: server.url },
  });
  const redirectUri = new URL(await addressOf(login)).searchParams.get("redirect_uri") ?? "";
  await login.printed(/Waiting for you/);
  const shown = login.stderr;
  for (const { port } of [new URL(server.url), new URL(redirectUri)]) {
    const right = `Host: 127.0.0.1:${port}`;
    const hosts = [
      "Host: [::1",
      "Host:",
      "Host: a b",
      "Host: 127.0.0.1:99999",
      `${right}\r\n${right}`,
    ];
    for (const host of [...hosts, "X: no Host at all"]) {
      using connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
      const request = `GET / HTTP/1.1\r\n${host}\r\nConnection: close\r\n\r\n`;
      await connection.write(new TextEncoder().encode(request));
      assert.match(await new Response(connection.readable).text(), /^HTTP\/1\.1 400 /, host);
    }
  }
  assert.equal(login.stderr, shown);
  assert.doesNotMatch(server.process.stderr, /rror| at /);
  login.kill("SIGINT");
  assert.equal((await login.end()).code, 130);
  assert.equal(await server.stop(), 0);
});

Deno.test({
  name: "more connections than file descriptors end neither `local serve` nor `login`",
  ignore: withoutProc,
}, async () => {
  await using machine = new TestMachine();
  const few = ["sh", "-c", 'ulimit -n 64; exec "$0" "$@"'];
  const serving = machine.start(["local", "serve", "--port", "0", "--json", "--ephemeral"], {
    through: few,
  });
  await serving.printed(/\n/);
  const { url } = JSON.parse(serving.stdout);
  const login = machine.start(["login", "--callback-port", "0", "--no-browser"], {
    env: { ARCADE_COORDINATOR_URL: url },
    through: few,
  });
  const redirectUri = new URL(await addressOf(login)).searchParams.get("redirect_uri") ?? "";
  for (const { origin, port } of [new URL(url), new URL(redirectUri)]) {
    const connections = await Promise.allSettled(
      Array.from({ length: 80 }, () => Deno.connect({ hostname: "127.0.0.1", port: Number(port) })),
    );
    // Without free descriptors the server drops all connections, and continues although no client closed one.
    await until("a free descriptor", () =>
      fetch(`${origin}/nothing`).then(async (answer) => {
        await answer.body?.cancel();
        return answer.status === 404;
      }, () => false));
    const held = connections.filter((connection) => connection.status === "fulfilled");
    assert(held.length > 20);
    for (const { value } of held) value.close();
  }
  for (const [running, code] of [[login, 130], [serving, 0]] as const) {
    running.kill("SIGINT");
    const ended = await running.end();
    assert.equal(ended.code, code, ended.stderr);
    assert.doesNotMatch(ended.stderr, /Too many|Uncaught| at /);
  }
});

Deno.test({
  name: "closing the terminal ends `local serve` and removes its ephemeral folder",
  ignore: withoutTerminal,
}, async () => {
  const { machine: own, temporary } = withTemporaryFolder();
  await using machine = own;
  const serve = `${shellWord(BINARY)} local serve --port 0 --ephemeral`;
  const terminal = onTerminal(machine, `echo pid=$$; exec ${serve}`);
  const [, pid = ""] = await terminal.printed(/pid=(\d+)/);
  try {
    await terminal.printed(/Stop with Ctrl-C/);
    assert.equal([...Deno.readDirSync(temporary)].length, 1);
    terminal.kill("SIGKILL"); // closes the terminal
    await terminal.end();
    await gone(pid);
    assert.deepEqual([...Deno.readDirSync(temporary)], []);
  } finally {
    if (runs(Number(pid))) Deno.kill(Number(pid), "SIGKILL");
  }
});

for (
  const [name, start] of [["nohup", "exec nohup"], [
    "an ignored SIGHUP",
    "trap '' HUP; exec",
  ]] as const
) {
  Deno.test({
    name: `${name} keeps \`local serve\` running when its terminal closes`,
    ignore: withoutTerminal,
  }, async () => {
    const { machine: own, temporary } = withTemporaryFolder();
    await using machine = own;
    const announced = `${machine.path}/announced`;
    const serve = `${shellWord(BINARY)} local serve --port 0 --ephemeral --json`;
    const line = `(${start} ${serve} >'${announced}') & echo serve=$!; sleep 600`;
    const terminal = onTerminal(machine, `echo shell=$$; ${line}`);
    const [, shell = ""] = await terminal.printed(/shell=(\d+)/);
    const [, serving = ""] = await terminal.printed(/serve=(\d+)/);
    try {
      await until(
        "the announcement",
        () => exists(announced) && /\n/.test(Deno.readTextFileSync(announced)),
      );
      const { url } = JSON.parse(Deno.readTextFileSync(announced));
      terminal.kill("SIGKILL"); // closes the terminal
      await terminal.end();
      await gone(shell);
      // A server ended by the signal could still answer once.
      for (let i = 0; i < 3; i++) assert.equal(await open(`${url}/v1/health`), '{"healthy":true}');
      Deno.kill(Number(serving), "SIGTERM");
      await until("the end of its folder", () => [...Deno.readDirSync(temporary)].length === 0);
    } finally {
      if (runs(Number(serving))) Deno.kill(Number(serving), "SIGKILL");
    }
  });
}

/** Runs a shell command on its own terminal. */
function onTerminal(machine: TestMachine, line: string): Running {
  return machine.startProgram(["script", "-qefc", line, "/dev/null"], {
    isTyped: true,
    env: { SHELL: "/bin/sh", TERM: "dumb" },
  });
}

Deno.test({
  name: "a killed ephemeral local Arcade leaves no folder",
  ignore: !onUnix,
}, async () => {
  const { machine: own, temporary } = withTemporaryFolder();
  await using machine = own;
  const killed = await serveEphemeral(machine);
  killed.process.kill("SIGKILL");
  await killed.process.end();
  await until("the end of its folder", () => [...Deno.readDirSync(temporary)].length === 0);
});

Deno.test({
  name:
    "a start removes the folder of an ephemeral local Arcade that was killed with its guard, and nothing else",
  ignore: !isAvailable("Linux with glibc, to find the guard of a process", hasProc),
}, async () => {
  const { machine: own, temporary } = withTemporaryFolder();
  await using machine = own;
  const [killed, alive] = [await serveEphemeral(machine), await serveEphemeral(machine)];
  killGuardOf(killed.data);
  killed.process.kill("SIGKILL");
  await killed.process.end();
  assert(exists(`${killed.data}/arcade.lock`));

  // Similar folders: one of the user, a symlink to one, and one that others can write to.
  const copy = async (name: string, change: (folder: string) => Promise<void>) => {
    const folder = `${temporary}/arcade-local-${name}`;
    assert(succeeds("cp", "-a", killed.data, folder));
    await change(folder);
    return folder;
  };
  const kept = [
    await copy("kept", (folder) => Deno.remove(`${folder}/ephemeral`)),
    await copy("open", (folder) => Deno.chmod(folder, 0o777)),
    await copy("linked", async (folder) => {
      await Deno.rename(folder, `${machine.path}/elsewhere`);
      await Deno.symlink(`${machine.path}/elsewhere`, folder);
    }),
    await copy("half", (folder) => Deno.remove(`${folder}/arcade.lock`)),
    `${machine.path}/elsewhere`,
  ];
  if (!withoutOtherOwners) {
    kept.push(await copy("foreign", (folder) => Deno.chown(folder, ORDINARY, ORDINARY)));
  }
  await Deno.mkdir(`${temporary}/arcade-local-empty`);
  await Deno.symlink(machine.home, `${killed.data}/link`);
  await Deno.writeTextFile(`${machine.home}/of-the-user`, "");

  const next = await serveEphemeral(machine);
  assert(!exists(killed.data), "The folder still exists");
  for (const folder of [...kept, `${temporary}/arcade-local-empty`, alive.data, next.data]) {
    assert(exists(folder), `${folder} was removed`);
  }
  assert(exists(`${machine.home}/of-the-user`), "A symlink was followed");
  assert.equal(await open(`${alive.url}/v1/health`), '{"healthy":true}');
  assert.equal(await alive.stop(), 0);
  assert.equal(await next.stop(), 0);
  assert(!exists(alive.data) && !exists(next.data));
});
