import assert from "node:assert/strict";
import { register } from "../../../src/files/running.ts";
import { strace, withoutStrace } from "../../support/telemetry_machine.ts";
import { onTerminal, withoutTerminal as ignore } from "../../support/terminal.ts";
import { ServerProcess, TestMachine } from "../../support/test_machine.ts";

Deno.test("`local stop` ends the local Arcade, and `local reset` then removes its data", async () => {
  await using machine = new TestMachine();
  const data = `${machine.path}/data`;
  Deno.mkdirSync(data);
  Deno.writeTextFileSync(`${data}/of-the-user`, "");
  const server = await ServerProcess.start(machine, { data });
  const early = await machine.run(["local", "reset", "--data", data, "--yes"]);
  assert.equal(early.code, 1);
  assert.match(early.stderr, /already running at .*\n.*`arcade local stop`/);
  const stopped = await machine.run(["local", "stop", "--json"]);
  assert.deepEqual([stopped.code, JSON.parse(stopped.stdout)], [0, { stopped: [server.url] }]);
  assert.equal((await server.process.end()).code, 0);
  const again = await machine.run(["local", "stop"]);
  assert.equal(again.code, 1);
  assert.match(again.stderr, /No local Arcade is running/);
  const reset = await machine.run(["local", "reset", "--data", data, "--yes"]);
  assert.equal(reset.code, 0, reset.stderr);
  const names = [...Deno.readDirSync(data)].map(({ name }) => name).sort();
  assert.deepEqual(names, ["arcade.lock", "of-the-user"]);
});

Deno.test("`local stop --all` ends all of them", async () => {
  await using machine = new TestMachine();
  const servers = [
    await ServerProcess.start(machine, { args: ["--ephemeral"] }),
    await ServerProcess.start(machine, {}),
  ];
  const { code, stdout } = await machine.run(["local", "stop", "--all", "--json"]);
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(stdout).stopped.sort(), servers.map(({ url }) => url).sort());
  for (const { process } of servers) assert.equal((await process.end()).code, 0);
});

Deno.test({
  name: "a local Arcade that ends while a command connects to it counts as ended",
  ignore: withoutStrace,
}, async () => {
  await using machine = new TestMachine();
  const data = `${machine.path}/data`;
  Deno.mkdirSync(data, { mode: 0o700 });
  const socket = `${data}/arcade.sock`;
  const listener = Deno.listen({ transport: "unix", path: socket });
  Deno.mkdirSync(machine.folder, { recursive: true, mode: 0o700 });
  const address = "http://127.0.0.1:2";
  register(machine.folder, { address, socket, key: "x", pid: Deno.pid, data });
  const trace = `${machine.path}/trace`;
  Deno.writeTextFileSync(trace, "");
  // The system reports how the connection went with the second of these calls.
  const delay = "inject=getsockopt:delay_enter=5000ms";
  const through = strace("-e", "trace=connect,getsockopt", "-e", delay, "-o", trace);
  const watcher = Deno.watchFs(trace);
  const running = machine.start(["local", "status", "--json"], { through });
  for await (const _ of watcher) {
    if (/arcade\.sock.* = 0$/m.test(Deno.readTextFileSync(trace))) break;
  }
  listener.close();
  const { code, stdout, stderr } = await running.end();
  assert.equal(code, 0, stderr);
  assert.deepEqual(JSON.parse(stdout), { local_arcades: [] });
});

Deno.test({
  name: "`local stop` shows that it waits for a local Arcade that ends late",
  ignore,
}, async () => {
  await using machine = new TestMachine();
  const server = await ServerProcess.start(machine, { args: ["--ephemeral"] });
  server.process.kill("SIGSTOP");
  try {
    const stopping = onTerminal(machine, "arcade local stop; echo code=$?");
    await stopping.printed(/Waiting for the local Arcade to stop…$/);
    server.process.kill("SIGCONT");
    const { stdout } = await stopping.end();
    assert.match(
      stdout.replaceAll("\x1b", "␛"),
      /stop…\r␛\[2K␛\[32mStopped␛\[39m \S+\r\ncode=0\r\n$/,
    );
  } finally {
    server.process.kill("SIGCONT");
    await server.process.end();
  }
});
