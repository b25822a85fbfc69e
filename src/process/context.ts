import { NetworkTime } from "../api/network_time.ts";
import { isOn, seconds } from "../system/environment.ts";
import { Failure } from "../failure.ts";
import type { Os } from "../system/os.ts";
import { isLoopback } from "../hosts/loopback.ts";
import { policyFileOf } from "../system/policy.ts";
import { sleep } from "../system/sleep.ts";
import { arcadeFolder } from "../files/arcade_folder.ts";
import { absolutePath } from "../system/paths.ts";
import { fileFailure } from "../system/system_failure.ts";
import type { WindowsSystem } from "../files/owner_only.ts";
import { Keyboard } from "../terminal/keyboard.ts";
import { printable } from "../terminal/safe_text.ts";
import { statusLine } from "../terminal/status_line.ts";
import type { Input, Output } from "../terminal/streams.ts";
import type { Device } from "../telemetry/event.ts";
import type { Context } from "../commands/context.ts";
import { readEnvironment, unreadableVariable, unreadableWarning } from "./environment.ts";
import type { processFetch } from "./fetch.ts";
import type { Environment } from "../contract/variables.ts";
import { writeAll } from "../system/write_all.ts";
import { info, warn } from "../cli/messages.ts";

/** The global output flags. */
export interface OutputOptions {
  readonly debug: boolean;
  readonly color: boolean;
  readonly json: boolean;
  /** Whether there is nobody to warn. */
  readonly isQuiet?: boolean;
}

/** The context of the real process. */
export function processContext(options: OutputOptions): Context {
  const { env, unreadable } = readEnvironment();
  const canErase = env.TERM !== "dumb";
  const color = options.color && !env.NO_COLOR && canErase;
  const { json } = options;
  const stdout = output(Deno.stdout, { color, canErase, onError: cannotWrite });
  const stderr = output(Deno.stderr, { color, canErase: canErase && !json, onError: () => {} }); // no other stream to report to
  const debug = options.debug || isOn(env.ARCADE_DEBUG);
  const elapsedMs = () => performance.now();
  const warning = (line: string) => warn({ stderr, json }, line);
  if (unreadable.size > 0 && !options.isQuiet) warning(unreadableWarning(unreadable));
  const badList = (["NO_PROXY", "no_proxy"] as const).find((name) => unreadable.has(name));
  const excluded = keepLoopbackFromProxies(badList ? "" : env.NO_PROXY ?? env.no_proxy ?? "");
  /** Ends this process as a signal does. */
  const end = async () => {
    const { report } = await import("../cli/report.ts");
    Deno.exit(report({ stderr, debug, json }, cancelled()));
  };
  let handlesSignals = false;
  if (json) {
    // Without a listener, a signal ends the process without a word.
    const endUnhandled = () => void (handlesSignals || end());
    for (const signal of INTERRUPTIONS) Deno.addSignalListener(signal, endUnhandled);
  }
  let interruption: AbortSignal | undefined;
  let isHangupIgnored = Promise.resolve(false);
  let folder: string | undefined;
  const folderOnce = () => folder ??= absolutePath(arcadeFolder(env));
  let device: Device | undefined;
  return {
    env,
    stdin,
    keyboard: new Keyboard(stdin, sleep),
    stdout,
    stderr,
    debug,
    json,
    trace: debug ? (line) => stderr.write(`${printable(line)}\n`) : undefined,
    warn: warning,
    notice: (line) => {
      if (stderr.isTerminal && !json) info({ stderr }, line);
    },
    folder: folderOnce,
    policyFile: POLICY_FILE,
    fetch: lazyFetch(env, { excluded, badList, warn: warning }),
    networkTime: new NetworkTime(elapsedMs, stderr.setWait),
    get timeoutMs() {
      return seconds(env, "ARCADE_TIMEOUT_SECONDS", 30) * 1000;
    },
    sleep,
    now: () => new Date(),
    elapsedMs,
    random: Math.random,
    expectHangup: () => isHangupIgnored = ignoresHangup(),
    interruption: () => {
      handlesSignals = true;
      return interruption ??= listenForInterruption(isHangupIgnored);
    },
    async deferInterrupts(work) {
      const before = handlesSignals;
      handlesSignals = true;
      try {
        return await deferInterrupts(work, { end, isHangupIgnored });
      } finally {
        handlesSignals = before;
      }
    },
    launch,
    async onSignal(listener) {
      handlesSignals = true;
      for (const signal of INTERRUPTIONS) Deno.addSignalListener(signal, () => listener(signal));
      await addHangupListener(() => listener(HANGUP), isHangupIgnored);
    },
    cwd,
    async variables(names) {
      return await (await import("./variables.ts")).readVariables(names);
    },
    dropPermissions: (permissions) => {
      for (const name of permissions) {
        if (name !== "sys") Deno.permissions.revokeSync({ name });
        else for (const kind of SYS_OF_REPORTS) Deno.permissions.revokeSync({ name, kind });
      }
      if (debug && !options.isQuiet) stderr.write(`Permissions: ${keptPermissions()}\n`);
    },
    os: OS,
    windows: OS === "windows" ? windowsSystem(env) : undefined,
    device: () =>
      device ??= {
        os: OS,
        osRelease: Deno.osRelease(),
        runtimeVersion: Deno.version.deno,
        uptimeAtStart: Deno.osUptime() - performance.now() / 1000,
      },
    async startTelemetryChild(event) {
      const { startTelemetryChild } = await import("../telemetry/start_child.ts");
      const policyFile = POLICY_FILE;
      await startTelemetryChild(event, { env, folder: folderOnce(), policyFile, sleep });
    },
    async startUpdateCheck() {
      const [{ startDetached, networkVariables, passedOn }, { CHECK }] = await Promise.all([
        import("../system/detached.ts"),
        import("../update/word.ts"),
      ]);
      await startDetached(Deno.execPath(), [CHECK, folderOnce()], {
        env: { ...passedOn(env, ["ARCADE_DOWNLOAD_URL"]), ...networkVariables(env) },
        sleep,
      });
    },
    capabilities: [],
  };
}

function cwd(): string {
  try {
    return Deno.cwd();
  } catch (error) {
    throw new Failure("file", "The working directory was removed, or its path is not UTF-8", {
      next: "Run arcade in another folder",
      cause: error,
    });
  }
}

/** System information that only the telemetry report needs. `uid` stays, to check who owns a private file. */
const SYS_OF_REPORTS = ["osRelease", "osUptime"] as const;

/** The permissions that this process has now, besides those that no command drops. */
function keptPermissions(): string {
  const kinds = ["read", "write", "net", "run"] as const;
  const descriptors = [
    ...kinds.map((name) => ({ name })),
    ...SYS_OF_REPORTS.map((kind) => ({ name: "sys", kind } as const)),
  ];
  const kept = descriptors.filter((one) => Deno.permissions.querySync(one).state === "granted");
  return kept.map((one) => "kind" in one ? one.kind : one.name).join(", ") || "none";
}

/**
 * Without this, Deno sends requests to this machine, with their tokens, through a proxy too. It must precede the first one.
 *
 * @returns the hosts that need no proxy.
 */
function keepLoopbackFromProxies(list: string): string {
  const others = list.toLowerCase().split(",");
  const every = others.some((one) => one.trim() === "*") ? ["0.0.0.0/0", "::/0"] : []; // the runtime's * has no addresses
  const excluded = [...others, ...every, "localhost", "127.0.0.0/8", "::1", "0.0.0.0"]
    .filter((one) => one !== "").join();
  Deno.env.set("NO_PROXY", excluded);
  return excluded;
}

/**
 * `fetch`, which loads what proxies and certificates need only for requests that use them.
 *
 * @param options.badList the variable with the hosts that need no proxy, if it is not UTF-8 text.
 */
function lazyFetch(
  env: Environment,
  { badList, ...options }: Parameters<typeof processFetch>[1] & {
    readonly badList: string | undefined;
  },
): typeof fetch {
  let remote: Promise<typeof fetch> | undefined;
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const isPlain = url.protocol === "http:" && isLoopback(url.hostname);
    // The first request loads the certificates of the runtime, whether it needs them or not.
    const hasDefaults = (env.DENO_TLS_CA_STORE ?? "mozilla") === "mozilla" &&
      env.DENO_CERT === undefined;
    const isDecided = init !== undefined && "client" in init; // another way than the network, such as a socket
    if (isDecided || (isPlain && hasDefaults)) return await fetch(input, init);
    if (badList !== undefined && !isLoopback(url.hostname)) throw unreadableVariable(badList);
    remote ??= import("./fetch.ts").then((module) => module.processFetch(env, options));
    return await (await remote)(input, init);
  };
}

const OS: Os =
  Deno.build.os === "linux" || Deno.build.os === "darwin" || Deno.build.os === "windows"
    ? Deno.build.os
    : "other";

const POLICY_FILE = policyFileOf(OS);

const encoder = new TextEncoder();

/**
 * @param options.onError called when a write fails. A closed pipe (`| head`) is not an error; the rest is discarded.
 */
function output(
  stream: typeof Deno.stdout | typeof Deno.stderr,
  { color, canErase, onError }: {
    readonly color: boolean;
    readonly canErase: boolean;
    readonly onError: (error: unknown) => void;
  },
): Output {
  const isTerminal = stream.isTerminal();
  let isOpen = true;
  const writeBytes = (bytes: Uint8Array) => {
    if (!isOpen) return;
    try {
      writeAll(stream, bytes);
    } catch (error) {
      isOpen = false;
      if (!(error instanceof Deno.errors.BrokenPipe)) onError(error);
    }
  };
  return {
    isTerminal,
    hasColor: isTerminal && color,
    writeBytes,
    isClosed: () => !isOpen,
    columns: () => isTerminal ? Deno.consoleSize().columns || undefined : undefined,
    ...statusLine((text) => writeBytes(encoder.encode(text)), isTerminal && canErase),
  };
}

function cannotWrite(error: unknown): never {
  throw new Failure("file", "Could not write the output", {
    next: "Check where it goes, and whether that disk is full",
    cause: error,
  });
}

const INPUT_PAUSE_MS = 5;

const stdin: Input = {
  get isTerminal() {
    return Deno.stdin.isTerminal();
  },
  async read() {
    const buffer = new Uint8Array(64 * 1024);
    while (true) {
      try {
        const count = await Deno.stdin.read(buffer);
        return count === null ? null : buffer.subarray(0, count);
      } catch (error) {
        if (!(error instanceof Deno.errors.WouldBlock)) {
          throw fileFailure("read", "standard input", error);
        }
        await sleep(INPUT_PAUSE_MS); // whoever shares it has set it to non-blocking mode
      }
    }
  },
  setRaw: (raw, { keepsSignals } = { keepsSignals: false }) =>
    OS === "windows"
      ? Deno.stdin.setRaw(raw && !keepsSignals)
      : Deno.stdin.setRaw(raw, { cbreak: keepsSignals }),
};

/** The signals that end a process: Ctrl-C, and `kill` or Ctrl-Break. For a closed terminal, see {@link HANGUP}. */
const INTERRUPTIONS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM"];
/** The terminal was closed. */
const HANGUP = "SIGHUP";

/**
 * Whether SIGHUP was ignored when this process started, as under `nohup`. Only a child that inherits the disposition can
 * tell, because adding a listener overrides it.
 */
async function ignoresHangup(): Promise<boolean> {
  if (Deno.build.os === "windows") return false;
  try {
    const { success } = await new Deno.Command("/bin/sh", {
      args: ["-c", "kill -HUP $$"],
      clearEnv: true,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn().status;
    return success;
  } catch {
    return false; // no shell, or permission already dropped
  }
}

/** Listens to all signals that ask this process to end; to SIGHUP only if it was not ignored at the start. */
function addInterruptionListener(listener: () => void, isHangupIgnored: Promise<boolean>): void {
  for (const signal of INTERRUPTIONS) Deno.addSignalListener(signal, listener);
  addHangupListener(listener, isHangupIgnored);
}

function addHangupListener(
  listener: () => void,
  isHangupIgnored: Promise<boolean>,
): Promise<void> {
  return isHangupIgnored.then((isIgnored) => {
    try {
      Deno.addSignalListener(HANGUP, isIgnored ? ignore : listener);
    } catch (error) {
      if (Deno.build.os !== "windows") throw error; // older runtimes do not support it on Windows
    }
  });
}

/** Newer runtimes may exit on SIGHUP when it has no listener. */
function ignore(): void {}

function cancelled(): Failure {
  return new Failure("interrupted", "Cancelled");
}

function listenForInterruption(isHangupIgnored: Promise<boolean>): AbortSignal {
  const controller = new AbortController();
  const interrupt = () => controller.abort(cancelled());
  addInterruptionListener(interrupt, isHangupIgnored);
  return controller.signal;
}

async function deferInterrupts<T>(
  work: () => Promise<T>,
  { end, isHangupIgnored }: {
    readonly end: () => Promise<never>;
    readonly isHangupIgnored: Promise<boolean>;
  },
): Promise<T> {
  let interruptions = 0;
  const postpone = () => {
    if (++interruptions > 1) void end();
  };
  addInterruptionListener(postpone, isHangupIgnored);
  try {
    const result = await work();
    if (interruptions > 0) throw cancelled();
    return result;
  } finally {
    for (const signal of [...INTERRUPTIONS, HANGUP] as const) {
      Deno.removeSignalListener(signal, postpone);
    }
  }
}

function windowsSystem(
  { SYSTEMROOT: root, USERPROFILE: profile, LOCALAPPDATA: localData }: Environment,
): WindowsSystem {
  return {
    root,
    profile,
    localData,
    async run(program, args) {
      const { success, stdout, stderr } = await new Deno.Command(program, {
        args: [...args],
        clearEnv: true,
        env: root ? { SYSTEMROOT: root } : {},
        stdin: "null",
      }).output();
      const text = new TextDecoder();
      return { success, output: text.decode(stdout) + text.decode(stderr) };
    },
  };
}

/** Long enough for a launcher such as xdg-open to fail. */
const LAUNCH_MS = 1500;

/** Variables with a token or a key of the user, which a browser does not need. */
const CREDENTIALS = ["ARCADE_API_KEY", "ARCADE_TOKEN"];

async function launch(command: string, args: readonly string[]): Promise<boolean> {
  try {
    // The context has read them, and the browser inherits what is left.
    for (const name of CREDENTIALS) Deno.env.delete(name);
    const child = new Deno.Command(command, {
      args: [...args],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    child.unref();
    const done = new AbortController();
    const status = child.status.then(({ success }) => success);
    const started = sleep(LAUNCH_MS, done.signal).then(() => true, () => true);
    const launched = await Promise.race([status, started]);
    done.abort();
    return launched;
  } catch {
    return false; // no such program: the caller shows the address instead
  }
}
