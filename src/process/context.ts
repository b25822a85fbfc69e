import { NetworkTime } from "../api/network_time.ts";
import type { Context } from "../commands/context.ts";
import { Failure } from "../failure.ts";
import { arcadeFolder } from "../files/arcade_folder.ts";
import { isOn, seconds } from "../system/environment.ts";
import { OS } from "../system/os.ts";
import { policyFileOf } from "../system/policy.ts";
import { absolutePath } from "../system/paths.ts";
import { sleep } from "../system/waiting.ts";
import type { Device } from "../telemetry/event.ts";
import { ioOf } from "../terminal/io.ts";
import { Keyboard } from "../terminal/keyboard.ts";
import { readEnvironment, unreadableWarning } from "./environment.ts";
import { keepLoopbackFromProxies, lazyFetch } from "./network.ts";
import { dropPermissions, keptPermissions } from "./permissions.ts";
import { listenToSignals } from "./signals.ts";
import { cannotWrite, output, stdin } from "./streams.ts";
import { windowsSystem } from "./windows.ts";

/** The global output flags. */
export interface OutputOptions {
  readonly debug: boolean;
  readonly color: boolean;
  readonly json: boolean;
  /** Whether warnings are left out, because no user would see them. */
  readonly isQuiet?: boolean;
}

/** The context of the real process. */
export function processContext(
  options: OutputOptions,
  { env, unreadable } = readEnvironment(),
): Context {
  const canErase = env.TERM !== "dumb";
  const color = options.color && !env.NO_COLOR && canErase;
  const { json } = options;
  const stderr = output(Deno.stderr, {
    color,
    canErase: canErase && !json,
    onError: () => {}, // no other stream to report to
    beforeStatus: () => signals.tellUnhandled(),
  });
  const io = ioOf({
    stdin,
    keyboard: new Keyboard(stdin, sleep),
    stdout: output(Deno.stdout, { color, canErase, onError: cannotWrite }),
    stderr,
    debug: options.debug || isOn(env.ARCADE_DEBUG),
    json,
  });
  if (unreadable.size > 0 && !options.isQuiet) io.warn(unreadableWarning(unreadable));
  const badList = (["NO_PROXY", "no_proxy"] as const).find((name) => unreadable.has(name));
  const excluded = keepLoopbackFromProxies(badList ? "" : env.NO_PROXY ?? env.no_proxy ?? "");
  const signals = listenToSignals({
    async end(reason) {
      const { tellFailure } = await import("../cli/tell.ts");
      stderr.setProgress(undefined);
      stderr.setWait(undefined);
      Deno.exit(tellFailure(io, reason));
    },
    json,
  });
  const elapsedMs = () => performance.now();
  let folder: string | undefined;
  const folderOnce = () => folder ??= absolutePath(arcadeFolder(env));
  let device: Device | undefined;
  return {
    env,
    io,
    http: {
      fetch: lazyFetch(env, { excluded, badList, warn: io.warn }),
      timeoutMs: () => seconds(env, "ARCADE_TIMEOUT_SECONDS", 30) * 1000,
      networkTime: new NetworkTime(elapsedMs, stderr.setWait),
      sleep,
      random: Math.random,
      trace: io.trace,
    },
    files: {
      folder: folderOnce,
      cwd,
      policyFile: POLICY_FILE,
      windows: OS === "windows" ? windowsSystem(env) : undefined,
    },
    clock: { now: () => new Date(), elapsedMs, sleep },
    signals,
    machine: {
      os: OS,
      device: () =>
        device ??= {
          os: OS,
          osRelease: Deno.osRelease(),
          runtimeVersion: Deno.version.deno,
          uptimeAtStart: Deno.osUptime() - performance.now() / 1000,
        },
      async variables(names) {
        return await (await import("./variables.ts")).readVariables(names);
      },
    },
    processes: {
      async launch(command, args) {
        return await (await import("./launch.ts")).launch(command, args);
      },
      async startTelemetryChild(event) {
        const { startTelemetryChild } = await import("../telemetry/start_child.ts");
        await startTelemetryChild(event, {
          env,
          folder: folderOnce(),
          policyFile: POLICY_FILE,
        });
      },
      async ownCommand() {
        return (await import("./own_command.ts")).ownCommand(env, OS);
      },
      async startUpdateCheck() {
        const [{ startDetached, networkVariables, passedOn }, { CHECK }] = await Promise.all([
          import("../system/detached.ts"),
          import("../contract/entries.ts"),
        ]);
        await startDetached(Deno.execPath(), [CHECK, folderOnce()], {
          env: { ...passedOn(env, ["ARCADE_DOWNLOAD_URL"]), ...networkVariables(env) },
        });
      },
    },
    dropPermissions(permissions) {
      dropPermissions(permissions);
      if (!options.isQuiet) io.trace?.(`Permissions: ${keptPermissions()}`);
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

const POLICY_FILE = policyFileOf(OS);
