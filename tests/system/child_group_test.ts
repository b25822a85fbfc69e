import assert from "node:assert/strict";
import { type ServerProcess, startEarlyGuard, startProcess } from "../../src/system/child_group.ts";
import { Failure } from "../../src/failure.ts";
import { patiently } from "../support/patience.ts";
import { hasProc, processIds, readProc } from "../support/proc.ts";
import { gone, runs } from "../support/processes.ts";
import { CountingServer } from "../support/signals.ts";
import { isAvailable } from "../support/test_machine.ts";
import { PYTHON_ENVIRONMENT, withoutPython } from "../support/test_server.ts";
import { withoutPipes } from "../support/programs.ts";
import { sleep } from "../../src/system/waiting.ts";

const ignore = Deno.build.os === "windows";
const PATH = "/usr/bin:/bin";

/** Runs a command, or a line for a shell; `printed` resolves once it has printed the given line. */
async function start(
  command: string | readonly string[],
): Promise<{ process: ServerProcess; lines: string[]; printed: (line: string) => Promise<void> }> {
  const lines: string[] = [];
  let next = Promise.withResolvers<void>();
  const process = await startProcess({
    command: typeof command === "string" ? ["/bin/sh", "-c", command] : command,
    cwd: "/",
    env: { PATH: PYTHON_ENVIRONMENT.PATH },
    onLine: (printed) => {
      lines.push(printed);
      next.resolve();
      next = Promise.withResolvers();
    },
  });
  const printed = async (line: string) => {
    while (!lines.includes(line)) await patiently(`the line ${line}`, next.promise);
  };
  return { process, lines, printed };
}

Deno.test(
  { name: "an exited process reports its exit code and complete output", ignore },
  async () => {
    const { process, lines } = await start("echo out; echo err >&2; printf last; exit 7");
    const { code, signal } = await process.ended;
    assert.deepEqual([code, signal], [7, null]);
    assert.deepEqual(lines.sort(), ["err", "last", "out"]);
    await process.stop();
  },
);

Deno.test({ name: "stop() ends a waiting process", ignore }, async () => {
  const { process, printed } = await start("echo ready; exec sleep 600");
  await printed("ready");
  await process.stop();
  assert.equal((await process.ended).signal, "SIGTERM");
});

Deno.test({ name: "stop() lets a process clean up", ignore }, async () => {
  const { process, lines, printed } = await start(
    "trap 'echo cleaned up; exit 0' TERM; echo ready; while :; do sleep 0.1; done",
  );
  await printed("ready");
  await process.stop();
  assert.equal(lines.at(-1), "cleaned up");
});

Deno.test(
  { name: "stop() ends a process that ignores SIGTERM, and its descendants", ignore },
  async () => {
    const { process, lines, printed } = await start(
      "trap '' TERM; sleep 600 & echo $!; echo $$; echo ready; wait",
    );
    await printed("ready");
    const pids = lines.filter((line) => /^\d+$/.test(line));
    assert.deepEqual(pids.map(runs), [true, true]);
    await process.stop();
    assert.deepEqual(pids.map(runs), [false, false]);
  },
);

Deno.test(
  { name: "stop() waits for the end of a killed process with much memory", ignore },
  async () => {
    // The system takes a while to free the buffer of dd. Its first byte arrives when the buffer is full.
    const { process, lines, printed } = await start(
      `trap '' TERM
      sh -c 'echo $$ >&2; exec dd if=/dev/zero bs=300M count=1 2>/dev/null' |
        { head -c 1 >/dev/null; echo ready; sleep 600; }`,
    );
    await printed("ready");
    await process.stop();
    assert.equal(runs(lines[0] ?? ""), false, lines.join());
  },
);

/**
 * Leaves an ended process in its group that nobody waits for, as the first process of a container may do, and leaves the group
 * itself. Writes a file when it is ready, and another one after four seconds.
 */
const NEGLIGENT = `
import os, sys, time
if os.fork() == 0:
    os._exit(0)
os.setpgid(0, 0)
with open(sys.argv[1] + "/starting", "w") as file:
    file.write(str(os.getpid()))
os.rename(sys.argv[1] + "/starting", sys.argv[1] + "/ready")
for _ in range(40):
    time.sleep(0.1)
open(sys.argv[1] + "/late", "w")
`;

Deno.test({
  name: "a process that has ended, and that no parent waits for, holds up nothing",
  ignore: withoutPython || !hasProc,
}, async () => {
  const folder = Deno.makeTempDirSync();
  const line = `python3 -c '${NEGLIGENT}' ${folder} >/dev/null 2>&1 & ` +
    `while [ ! -e ${folder}/ready ]; do sleep 0.1; done`;
  try {
    const { process } = await start(line);
    await process.ended;
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["ready"]);
    const pid = Deno.readTextFileSync(`${folder}/ready`);
    Deno.kill(Number(pid), "SIGKILL");
    await gone(pid);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test({ name: "the descendants of an exited process are ended", ignore }, async () => {
  const { process, lines } = await start("sleep 600 & echo $!");
  await process.ended;
  assert.equal(runs(lines[0] ?? ""), false);
});

Deno.test({
  name: "stop() sends one signal to a server, whatever its launcher does with signals",
  ignore: withoutPython,
}, async () => {
  for (const kind of ["words", "launched", "line"] as const) {
    using server = new CountingServer();
    const { process, lines, printed } = await start(server[kind]);
    await printed("serving");
    if (kind === "launched") await printed("launched");
    const stopping = process.stop();
    await printed("signaled");
    if (kind === "launched") await printed("forwarded");
    server.finish();
    await stopping;
    assert.equal(lines.at(-1), "got SIGTERM", kind);
  }
});

Deno.test({
  name: "the temporary folder of a process is created under its guard and removed after it",
  ignore,
}, async () => {
  const parent = Deno.makeTempDirSync();
  const path = `${parent}/it's temporary`;
  const lines: string[] = [];
  const options = { env: { PATH }, onLine: (line: string) => void lines.push(line) };
  const command = ["/bin/sh", "-c", 'pwd; echo "$0" >file', "x"];
  try {
    const make = async () => {
      await Deno.mkdir(path);
    };
    const process = await startProcess({
      ...options,
      command,
      cwd: path,
      temporary: { path, make },
    });
    assert.equal((await process.ended).code, 0);
    assert.deepEqual(lines, [path]);
    assert.deepEqual([...Deno.readDirSync(parent)], []);

    const fail = async () => {
      await make();
      throw new Error("The disk is full");
    };
    await assert.rejects(
      startProcess({ ...options, command, cwd: path, temporary: { path, make: fail } }),
      /The disk is full/,
    );
    assert.deepEqual([lines, ...Deno.readDirSync(parent)], [[path]]);
  } finally {
    Deno.removeSync(parent, { recursive: true });
  }
});

Deno.test({ name: "an environment that is too large is reported", ignore }, async () => {
  const env = { PATH, LARGE: "x".repeat(1024 * 1024) };
  await assert.rejects(
    startProcess({ command: ["/bin/true"], cwd: "/", env, onLine() {} }),
    (error) => {
      assert(error instanceof Failure);
      assert.equal(
        error.message,
        "Cannot start /bin/sh: the environment or the arguments are too long",
      );
      return true;
    },
  );
});

Deno.test({
  name: "a process is stopped even if its guard was killed",
  ignore: !isAvailable("Linux with glibc, to find the guard of a process", hasProc),
}, async () => {
  const { process, lines, printed } = await start("echo $$; echo ready; exec sleep 600");
  await printed("ready");
  const [pid = ""] = lines;
  const [guard = 0, ...others] = processIds().filter((id) =>
    readProc(`/proc/${id}/cmdline`).endsWith(`\0sh\0\0${pid}\0`)
  );
  assert.deepEqual(others, []);
  assert.notEqual(guard, 0); // kill(2) would take it for this process group
  Deno.kill(guard, "SIGKILL");
  await Promise.all([process.stop(), process.stop()]);
  assert.equal((await process.ended).signal, "SIGKILL");
});

Deno.test({ name: "a process gets only the given environment, and no input", ignore }, async () => {
  const { process, lines } = await start("cat; env");
  await process.ended;
  const names = lines.map((line) => line.split("=")[0]);
  assert.deepEqual(names.filter((name) => !["PWD", "OLDPWD", "SHLVL", "_"].includes(name ?? "")), [
    "PATH",
  ]);
});

Deno.test(
  { name: "a descendant in its own session does not delay the end of the log", ignore },
  async () => {
    const escape = `import os, sys, time
if os.fork() == 0:
    os.setsid()
    print(os.getpid(), flush=True)
    time.sleep(600)
time.sleep(600)`;
    const { process, lines } = await start(`exec python3 -c '${escape}' || echo none`);
    while (lines.length === 0) await sleep(20);
    await process.stop();
    const [pid = ""] = lines;
    if (/^\d+$/.test(pid)) Deno.kill(Number(pid), "SIGKILL");
  },
);

for (const shell of ["/bin/dash", "/bin/bash"]) {
  Deno.test({
    name: `an early guard lets no command start before it knows the process group: ${shell}`,
    ignore: withoutPipes || !isAvailable(shell, () => Deno.statSync(shell).isFile),
  }, async () => {
    const folder = Deno.makeTempDirSync();
    try {
      const fifos = [`${folder}/none/fifo`, `${folder}/fifo`];
      for (const isGuarded of [false, true]) {
        const { gated, guard, end } = await startEarlyGuard({ path: PATH, fifos });
        assert.equal(Deno.statSync(`${folder}/fifo`).isFifo, true);
        const command = ["/bin/sh", "-c", 'echo "$0"; exec sleep 600', "x y"];
        const child = startGated(gated(command).map((word) => word === "/bin/bash" ? shell : word));
        const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
        if (isGuarded) {
          await guard(child.pid);
          assert.equal((await patiently("its output", output.read())).value, "x y\n");
          assert.throws(() => Deno.statSync(`${folder}/fifo`), Deno.errors.NotFound);
        }
        await end(); // closes the pipe, as the system does when a process is killed
        const { code } = await patiently("the end of the process", child.status);
        assert.equal(code, isGuarded ? 143 : 1);
        assert.equal((await output.read()).value, undefined);
        assert.deepEqual([...Deno.readDirSync(folder)], []);
      }
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  });
}

Deno.test({
  name: "a killed early guard leaves neither a FIFO nor its folder",
  ignore: withoutPipes || !isAvailable("Linux with glibc, to find the guard of a process", hasProc),
}, async () => {
  const folder = Deno.makeTempDirSync();
  try {
    const fifo = `${folder}/fifo`;
    const temporary = `${folder}/data`;
    const { end } = await startEarlyGuard({ path: PATH, fifos: [fifo], temporary });
    Deno.mkdirSync(temporary);
    const isGuard = (pid: number) =>
      readProc(`/proc/${pid}/cmdline`).endsWith(`\0sh\0${folder}/data\0${fifo}\0`);
    const [guard = 0, ...others] = processIds().filter(isGuard);
    assert.deepEqual(others, []);
    assert.notEqual(guard, 0);
    Deno.kill(guard, "SIGKILL");
    await end();
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test({ name: "an early guard of no process group removes its folder", ignore }, async () => {
  const folder = Deno.makeTempDirSync();
  try {
    const temporary = `${folder}/data`;
    const { end } = await startEarlyGuard({ path: PATH, fifos: [], temporary });
    Deno.mkdirSync(`${temporary}/in/it`, { recursive: true });
    await end();
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test(
  { name: "an early guard works where no FIFO can be created", ignore },
  async () => {
    const fifos = ["/dev/null/fifo"];
    const { gated, guard, end } = await startEarlyGuard({ path: PATH, fifos });
    const command = ["/bin/sleep", "600"];
    assert.deepEqual(gated(command), command);
    const child = startGated(command);
    await child.stdout.cancel();
    await guard(child.pid);
    await end();
    assert.equal((await child.status).code, 143);
  },
);

function startGated([program = "", ...args]: readonly string[]): Deno.ChildProcess {
  return new Deno.Command(program, { args, detached: true, stdin: "null", stdout: "piped" })
    .spawn();
}
