/** The child process of telemetry inherits nothing from its command, nor from the script or terminal that ran the command. */

import assert from "node:assert/strict";
import { shellWord } from "../../../src/text/shell_word.ts";
import { Answers } from "../../support/answers.ts";
import { makeCertificates, withoutOpenssl } from "../../support/certificates.ts";
import { copyProgram, writeProgram } from "../../support/executable_files.ts";
import { BINARY, Delay, isAvailable, succeeds } from "../../support/test_machine.ts";
import { stateOf } from "../../support/senders.ts";
import { SmallDisk, withoutMounts } from "../../support/small_disk.ts";
import {
  only,
  strace,
  TelemetryMachine,
  withoutSenders as ignore,
  withoutStrace,
} from "../../support/telemetry_machine.ts";
import { withoutPipes } from "../../support/programs.ts";
import { NOT_LOGGED_IN } from "../../support/not_logged_in.ts";

const DESCRIPTORS = [3, 9, 10, 63, 200, 1000];

const withoutBash = ignore ||
  !isAvailable("bash, which closes every descriptor", () => succeeds("/bin/bash", "-c", "true"));
const withoutFlock = withoutBash ||
  !isAvailable("flock of util-linux", () => succeeds("flock", "--version"));

/** A machine with a sink that waits before it answers, so that the child process keeps running. */
async function fixture() {
  const machine = await TelemetryMachine.start();
  const sink = new Delay(machine.server.url);
  machine.reportTo(sink.url);
  return {
    machine,
    sink,
    /** The child process, once it has sent its request. */
    async child() {
      await sink.asked();
      const [child = 0, ...others] = await machine.senders.running();
      assert.deepEqual(others, []);
      return child;
    },
    /** Lets the sink answer; fails unless the child process is still running and its event arrives. */
    async assertReported() {
      sink.end();
      return only(await machine.arrived());
    },
    async [Symbol.asyncDispose]() {
      await sink[Symbol.asyncDispose]();
      await machine[Symbol.asyncDispose]();
    },
  };
}

Deno.test(
  { name: "the child process closes the descriptors of a script", ignore: withoutBash },
  async () => {
    await using all = await fixture();
    const { machine } = all;
    const redirections = DESCRIPTORS.map((fd) => `${fd}>'${machine.path}/${fd}'`).join(" ");
    const script = `exec ${redirections}; exec ${shellWord(BINARY)} whoami`;
    const { code, stderr } = await machine.startProgram(["bash", "-c", script]).end();
    assert.match(stderr, NOT_LOGGED_IN);
    assert.equal(code, 4);
    const names = [...stateOf(await all.child()).files.values()];
    assert(names.includes("/dev/null"), "The descriptors of the child process are not visible");
    assert.deepEqual(names.filter((name) => name.startsWith(machine.path)), []);
    await all.assertReported();
  },
);

Deno.test({
  name: "a reader of a script's descriptor does not wait for the child process",
  ignore: withoutBash,
}, async () => {
  await using all = await fixture();
  const { machine } = all;
  // The shell reads until all writers have closed the pipe. If the child process held it, the sink would time out first.
  const redirections = DESCRIPTORS.map((fd) => `${fd}>&1`).join(" ");
  const script = `read=$(${shellWord(BINARY)} whoami 2>&1 ${redirections}); echo "$read"`;
  const { stdout } = await machine.startProgram(["bash", "-c", script]).end();
  assert.match(stdout, NOT_LOGGED_IN);
  await all.assertReported();
});

const SCRIPT_WITH_LOCK = `exec 200>lock; flock 200; ${shellWord(BINARY)} whoami >out 2>err`;

Deno.test(
  { name: "the lock of a script is released when it ends", ignore: withoutFlock },
  async () => {
    await using all = await fixture();
    const { machine } = all;
    await machine.startProgram(["bash", "-c", SCRIPT_WITH_LOCK]).end();
    assert(succeeds("flock", "--nonblock", `${machine.home}/lock`, "true"), "The lock is held");
    await all.assertReported();
  },
);

Deno.test({
  name: "the lock of a script is released when it ends, even where programs start slowly",
  ignore: withoutFlock || withoutStrace,
}, async () => {
  await using all = await fixture();
  const { machine } = all;
  // -D detaches the tracer, so the shell does not wait for it.
  const late = ["-D", "-e", "trace=execve", "-e", "inject=execve:delay_exit=300ms"];
  const through = strace(...late, "-o", "/dev/null", "bash", "-c", SCRIPT_WITH_LOCK);
  await machine.startProgram(["sh", "-c", 'exec "$@" >/dev/null 2>&1', "sh", ...through]).end();
  assert(succeeds("flock", "--nonblock", `${machine.home}/lock`, "true"), "The lock is held");
  await all.assertReported();
});

Deno.test(
  { name: "the working folder can be unmounted", ignore: ignore || withoutMounts },
  async () => {
    await using all = await fixture();
    const { machine } = all;
    const cwd = `${machine.path}/mounted`;
    Deno.mkdirSync(cwd);
    using _disk = new SmallDisk(cwd);
    assert.equal((await machine.run(["whoami"], { cwd })).code, 4);
    assert(succeeds("umount", cwd), "The working folder is in use");
    await all.assertReported();
  },
);

Deno.test(
  { name: "the child process leaves the working folder, which can be removed", ignore },
  async () => {
    await using all = await fixture();
    const { machine } = all;
    const cwd = `${machine.path}/removed`;
    Deno.mkdirSync(cwd);
    assert.equal((await machine.run(["whoami"], { cwd })).code, 4);
    Deno.removeSync(cwd);
    const { folder, umask } = stateOf(await all.child());
    assert.deepEqual([folder, umask], ["/", "0077"]);
    await all.assertReported();
  },
);

Deno.test({ name: "the child process gets only the variables that it needs", ignore }, async () => {
  await using all = await fixture();
  const { machine } = all;
  const touched = `${machine.path}/touched`;
  const script = `${machine.path}/at_start`;
  await Deno.writeTextFile(script, `touch '${touched}'\n`);
  const canaries = [
    ...["ARCADE_TOKEN", "ARCADE_API_KEY", "AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN", "SSH_AUTH_SOCK"],
    ...["PATH", "LD_LIBRARY_PATH", "TERM", "SSH_CONNECTION", "SOMETHING_ELSE", "BROWSER"],
  ];
  const env = {
    ...Object.fromEntries(canaries.map((name) => [name, `CANARY-${name}`])),
    ARCADE_USAGE_TRACKING: "yes",
    // Files that a shell runs on startup, and a function exported by bash.
    BASH_ENV: script,
    ENV: script,
    "BASH_FUNC_umask%%": `() { touch '${touched}'; }`,
    NO_PROXY: "127.0.0.1",
    SSL_CERT_FILE: "certificates.pem",
  };
  assert.equal((await machine.run(["whoami"], { env })).code, 0);
  const { environment } = stateOf(await all.child());
  const { ARCADE_USAGE_EVENT_DATA = "", ...others } = Object.fromEntries(environment);
  for (const name of ["PWD", "OLDPWD", "SHLVL", "_"]) delete others[name]; // of the shell itself
  assert.deepEqual(others, {
    ARCADE_POSTHOG_HOST: machine.env.ARCADE_POSTHOG_HOST,
    ARCADE_POSTHOG_KEY: machine.env.ARCADE_POSTHOG_KEY,
    DENO_TLS_CA_STORE: "mozilla", // on Linux, arcade reads those of the system
    NO_PROXY: "127.0.0.1",
    SSL_CERT_FILE: `${machine.home}/certificates.pem`,
  });
  assert.doesNotMatch(ARCADE_USAGE_EVENT_DATA, /CANARY/);
  assert.throws(() => Deno.statSync(touched), Deno.errors.NotFound);
});

Deno.test({ name: "the child process uses the proxy of its command", ignore }, async (t) => {
  await using machine = await TelemetryMachine.start();
  for (const variable of ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"]) {
    await t.step(variable, async () => {
      await using proxy = new Answers(() => Response.json({ status: "Ok" }));
      const env = { [variable]: proxy.url, ARCADE_POSTHOG_HOST: "http://posthog.invalid" };
      assert.equal((await machine.run(["whoami"], { env })).code, 4);
      await machine.senders.gone();
      assert.equal(proxy.seen.length, 1);
    });
  }
  await t.step("but not in a CGI script, where a client can set it", async () => {
    await using proxy = new Answers(() => Response.json({ status: "Ok" }));
    const cgi = { HTTP_PROXY: proxy.url, REQUEST_METHOD: "GET" };
    const env = { ...cgi, ARCADE_POSTHOG_HOST: "http://posthog.invalid" };
    assert.equal((await machine.run(["whoami"], { env })).code, 4);
    await machine.senders.gone();
    assert.deepEqual(proxy.seen, []);
  });
});

Deno.test({
  name: "the child process trusts the certificates of its command",
  ignore: ignore || withoutOpenssl,
}, async () => {
  await using machine = await TelemetryMachine.start();
  const { authority, server: certificate } = await makeCertificates(machine);
  await using server = new Answers(() => Response.json({ status: "Ok" }), { certificate });
  const host = { ARCADE_POSTHOG_HOST: server.url };
  const report = async (env: Record<string, string>) => {
    assert.equal((await machine.run(["whoami"], { env: { ...host, ...env } })).code, 4);
    await machine.senders.gone();
    return server.seen.length;
  };
  assert.equal(await report({}), 0);
  assert.equal(await report({ DENO_CERT: authority }), 1);
  assert.equal(await report({ DENO_TLS_CA_STORE: "system", SSL_CERT_FILE: authority }), 2);
  const unusable = { SSL_CERT_FILE: machine.path }; // a folder
  assert.equal(await report({ ...unusable, NODE_EXTRA_CA_CERTS: authority }), 3);
});

Deno.test(
  {
    name: "the child process resolves a folder relative to the working folder of its command",
    ignore,
  },
  async () => {
    await using machine = await TelemetryMachine.start();
    const cwd = `${machine.path}/somewhere`;
    Deno.mkdirSync(cwd);
    for (
      const env of [{ ARCADE_WORK_DIR: "../home/.arcade" }, {
        ARCADE_WORK_DIR: undefined,
        HOME: "../home",
      }]
    ) {
      const { code, arrived } = await machine.report(["whoami"], { cwd, env });
      assert.equal(code, 4);
      assert.equal(only(arrived).distinct_id, machine.identity().anon_id);
    }
  },
);

Deno.test({
  name: "the event of a logout uses the Arcade folder of its command",
  ignore,
}, async () => {
  await using machine = await TelemetryMachine.start();
  const credentials = await machine.credentialsOf("ada@example.com");
  const work = `${machine.home}/work`;
  await Deno.mkdir(work);
  await Deno.writeTextFile(`${work}/credentials.yaml`, credentials, { mode: 0o600 });
  const env = { ARCADE_WORK_DIR: work };
  assert.equal((await machine.report(["whoami"], { env })).arrived.length, 2);
  const linked = Deno.readTextFileSync(`${work}/usage.json`);
  const { code, arrived } = await machine.report(["logout"], { env });
  assert.equal(code, 0);
  assert.equal(only(arrived).distinct_id, JSON.parse(linked).linked_principal_id);
  assert.deepEqual(machine.files(), []);
});

/** The shell that starts the child process. It leaves the work to bash only where descriptors of two digits are open. */
const SHELL = Deno.build.os === "windows" ? "" : Deno.realPathSync("/bin/sh");

/** Runs a command of bash with some programs replaced by others, or made unusable. */
async function withPrograms(
  machine: TelemetryMachine,
  programs: Record<string, string>,
  line: string,
) {
  const mounts = Object.entries(programs).map(([program, other]) =>
    `mount --bind '${other}' '${program}'; `
  );
  const script = `${mounts.join("")}exec ${line}`;
  return await machine.startProgram(["unshare", "--mount", "bash", "-c", script]).end();
}

/** Writes a script that can replace the shell, because it is run by a copy of it. */
function shellScript(machine: TelemetryMachine, name: string, source: string) {
  const [path, copy] = [`${machine.path}/${name}`, `${machine.path}/shell`];
  copyProgram(SHELL, copy);
  writeProgram(path, `#!${copy}\n${source}\n`);
  return path;
}

const withoutNamespaces = withoutBash || withoutMounts ||
  !isAvailable("unshare of util-linux", () => succeeds("unshare", "--mount", "true"));

Deno.test({
  name: "without bash, sh closes the descriptors that it can",
  ignore: withoutNamespaces,
}, async () => {
  await using all = await fixture();
  const { machine } = all;
  const descriptors = `3>'${machine.path}/3' 9<'${machine.path}' 10</dev/null`;
  const line = `${shellWord(BINARY)} whoami ${descriptors}`;
  const { code, stderr } = await withPrograms(machine, { "/bin/bash": "/dev/null" }, line);
  assert.match(stderr, NOT_LOGGED_IN);
  assert.equal(code, 4);
  const { files, environment } = stateOf(await all.child());
  assert.deepEqual([...files.values()].filter((name) => name.startsWith(machine.path)), []);
  assert(!environment.has("HOME"));
  await all.assertReported();
});

Deno.test({
  name: "without any shell the child process starts directly",
  ignore: withoutNamespaces,
}, async () => {
  await using all = await fixture();
  const { machine } = all;
  const shells = { "/bin/bash": "/dev/null", [SHELL]: "/dev/null" };
  const { code, stderr } = await withPrograms(machine, shells, `${shellWord(BINARY)} whoami`);
  assert.match(stderr, NOT_LOGGED_IN);
  assert.equal(code, 4);
  const { folder, environment } = stateOf(await all.child());
  assert.equal(folder, "/");
  assert(!environment.has("HOME"));
  await all.assertReported();
});

Deno.test({
  name: "a shell that hangs does not hold up the command",
  ignore: withoutNamespaces,
}, async () => {
  await using machine = await TelemetryMachine.start();
  const hanging = shellScript(machine, "hanging", "exec sleep 1000");
  const line = `${shellWord(BINARY)} whoami`;
  const { code, stderr } = await withPrograms(machine, { [SHELL]: hanging }, line);
  assert.match(stderr, NOT_LOGGED_IN);
  assert.equal(code, 4);
  assert.equal((await machine.senders.running()).length, 1, "The shell is not hanging");
});

/** Slow machines, and the system calls that are delayed to imitate them. */
const LATE = {
  "programs start slowly": "inject=execve:delay_exit=300ms",
  "processes are created slowly": "inject=clone,clone3,fork,vfork:delay_exit=100ms",
  "the disk is slow": "inject=fsync,rename:delay_enter=300ms",
  "the network is slow": "inject=connect,sendto:delay_enter=300ms",
};
for (const [what, inject] of Object.entries(LATE)) {
  Deno.test(
    { name: `where ${what}, the event arrives and the tests wait for it`, ignore: withoutStrace },
    async () => {
      await using machine = await TelemetryMachine.start();
      const calls = /=([^:]*)/.exec(inject)?.[1];
      const through = strace("-D", "-e", `trace=${calls}`, "-e", inject, "-o", "/dev/null");
      const words = [...through, BINARY, "whoami"];
      const { code } = await machine.startProgram([
        "sh",
        "-c",
        'exec "$@" >out 2>err',
        "sh",
        ...words,
      ]).end();
      assert.equal(code, 4);
      only(await machine.arrived());
    },
  );
}

Deno.test({
  name:
    "where the shell starts after its command has exited, the event arrives and the tests wait for it",
  ignore: withoutNamespaces || withoutPipes,
}, async () => {
  await using machine = await TelemetryMachine.start();
  const go = `${machine.path}/go`;
  assert(succeeds("mkfifo", go));
  const late = shellScript(
    machine,
    "late",
    `read -r _ <'${go}'; exec '${machine.path}/shell' "$@"`,
  );
  const line = `${shellWord(BINARY)} whoami`;
  const { code } = await withPrograms(machine, { [SHELL]: late }, line);
  assert.equal(code, 4);
  const [arrived] = await Promise.all([machine.arrived(), Deno.writeTextFile(go, "\n")]);
  only(arrived);
});
