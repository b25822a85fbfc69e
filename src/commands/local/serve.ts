import type { LocalArcade, RequestLine } from "../../local/mod.ts";
import { LOOPBACK_NAMES } from "../../hosts/address.ts";
import { defaultDataFolder } from "../../local/model/data_folder.ts";
import { printableJson } from "../../terminal/safe_text.ts";
import { aborted } from "../../system/waiting.ts";
import { styleFor } from "../../terminal/style.ts";
import type { Seed } from "../../local/model/seed.ts";
import type { Context } from "../context.ts";
import type { JsonFlag } from "../shared/flags.ts";
import { ephemeralPath } from "../shared/ephemeral.ts";
import { startLocal } from "../shared/start_local.ts";
import { startGuard } from "../../system/guarded_program.ts";
import { variableLine } from "../../text/shell_word.ts";
import { shellOf } from "./environment.ts";
import { shownPath } from "./request_path.ts";
import { seedFor, startingServers } from "./seed.ts";

export interface ServeFlags extends JsonFlag {
  readonly port: number;
  readonly bind: string;
  readonly data?: string;
  readonly ephemeral?: boolean;
  readonly seed?: string;
  readonly autoApprove?: boolean;
  readonly autoGrant?: boolean;
  readonly tokenTtl?: number;
  readonly env?: boolean;
}

/** Runs the local Arcade until it is interrupted. */
export async function serve(context: Context, flags: ServeFlags): Promise<void> {
  const interruption = context.signals.interruption();
  const seed = await seedFor(context, flags.seed);
  const dataDir = flags.ephemeral
    ? ephemeralPath(context)
    : flags.data ?? defaultDataFolder(context.files.folder());
  // The guard removes the folder if this process is killed.
  const guard = flags.ephemeral
    ? await startGuard(context, { temporary: dataDir, fifos: [] })
    : undefined;
  let arcade: LocalArcade | undefined;
  try {
    // A slow start must not delay Ctrl-C.
    arcade = await startingServers(context, seed, () =>
      Promise.race([
        start(context, flags, { dataDir, seed, signal: interruption }),
        aborted(interruption),
      ]));
    if (arcade) {
      announce(context, flags, arcade);
      await Promise.race([aborted(interruption), arcade.finished]);
    }
  } finally {
    try {
      await arcade?.stop();
    } finally {
      await guard?.end();
    }
  }
  context.io.stderr.write("Local Arcade stopped\n");
}

async function start(
  context: Context,
  flags: ServeFlags,
  { dataDir, seed, signal }: {
    readonly dataDir: string;
    readonly seed: Seed | undefined;
    readonly signal: AbortSignal;
  },
): Promise<LocalArcade> {
  if (!LOOPBACK_NAMES.includes(flags.bind)) {
    context.io.warn(
      flags.autoApprove
        ? `anyone who can reach ${flags.bind} can sign in and see the names of secrets`
        : `traffic to ${flags.bind} is not encrypted, including tokens and values`,
    );
  }
  return await startLocal(context, {
    dataDir,
    seed,
    ephemeral: flags.ephemeral === true,
    port: flags.port,
    hostname: flags.bind,
    autoApprove: flags.autoApprove === true,
    autoGrant: flags.autoGrant === true,
    ...(flags.tokenTtl === undefined ? {} : { tokenTtlSeconds: flags.tokenTtl }),
    signal,
    onRequest: (line) => logRequest(context, line),
  });
}

/** Shows a request on a terminal, where the user watches; otherwise only with `--debug`. */
function logRequest(context: Context, { method, path, status, ms }: RequestLine): void {
  if (!context.io.stderr.isTerminal) return context.io.trace?.(`${status} ${method} ${path}`);
  context.io.info(`${method} ${shownPath(path)} ${status} ${ms} ms`);
}

function announce(
  context: Context,
  flags: ServeFlags,
  { url, address, code, data, environment }: LocalArcade,
): void {
  if (flags.json) {
    const announced = { url, data, environment, dashboard: address, code: code ?? null };
    // One line, so that a script can `read` it.
    context.io.stdout.write(`${printableJson(announced, 0)}\n`);
    return;
  }
  const { bold, dim } = styleFor(context.io.stdout);
  const shell = shellOf(context);
  const exports = Object.entries(environment).map(([name, value]) =>
    `  ${variableLine(shell, name, value)}`
  );
  context.io.stdout.write(
    [
      "Log in from another terminal:",
      "",
      `  ${bold(`arcade login --url ${url}`)}`,
      "",
      `Dashboard  ${address}`,
      ...(code === undefined ? [] : [`Code       ${bold(code)}`]),
      `Data       ${data}${flags.ephemeral ? " (removed on exit)" : ""}`,
      "",
      ...(code === undefined
        ? []
        : ["The dashboard address works once. Other browsers ask for the code once.", ""]),
      ...(flags.env ? ["Variables for SDKs and servers:", "", ...exports, ""] : []),
      dim("Stop with Ctrl-C"),
      "",
    ].join("\n"),
  );
}
