/**
 * `deno task build [--release] [PATH]`: one executable, dist/arcade unless told otherwise. `--release` embeds the current
 * Deno from its CDN, or fails. `ARCADE_POSTHOG_KEY` and `ARCADE_POSTHOG_HOST` are baked in; without a key the executable sends no telemetry.
 */

import { PERMISSION_FLAGS } from "../src/cli/permissions.ts";
import { compile } from "./compile.ts";

const root = `${import.meta.dirname}/../`;
const release = Deno.args.includes("--release");
const [path] = Deno.args.filter((arg) => !arg.startsWith("--"));
const suffix = Deno.build.os === "windows" ? ".exe" : "";
const destination = path ?? `${root}dist/arcade${suffix}`;
if (!path) await Deno.mkdir(`${root}dist`, { recursive: true });
const { deno, programBytes } = await compile(`${root}main.ts`, destination, {
  permissions: PERMISSION_FLAGS,
  replacements: postHogOfBuild(),
  release,
}).catch(refuse);
const { size } = await Deno.stat(destination);
const megabytes = (bytes: number) => (bytes / 1_000_000).toFixed(2);
const line = `${path ?? `dist/arcade${suffix}`}: ${megabytes(size)} MB with Deno ${deno}, ${
  megabytes(programBytes)
} MB of it arcade and its libraries${deno === Deno.version.deno ? "" : " (not for release)"}\n`;
await Deno.stdout.write(new TextEncoder().encode(line));

/** Says in a sentence why nothing was built. */
async function refuse(error: unknown): Promise<never> {
  const reason = error instanceof Error ? error.message : String(error);
  const sentence = release
    ? `No release was built: the runtime of Deno ${Deno.version.deno} could not be fetched and embedded. ` +
      "Build it on a machine that reaches Deno's download server, or leave out --release to try it here"
    : `Nothing was built: ${reason}`;
  await Deno.stderr.write(new TextEncoder().encode(`Error: ${sentence}\n`));
  Deno.exit(1);
}

/** What src/telemetry/build.ts leaves open. */
function postHogOfBuild(): Record<string, string> {
  const key = Deno.env.get("ARCADE_POSTHOG_KEY") ?? "";
  const host = Deno.env.get("ARCADE_POSTHOG_HOST") ?? "";
  if (!/^[\w-]*$/.test(key)) throw new Error("ARCADE_POSTHOG_KEY is not a key");
  if (host !== "" && !/^https?:$/.test(URL.parse(host)?.protocol ?? "")) {
    throw new Error("ARCADE_POSTHOG_HOST is not an http or https address");
  }
  return {
    ...(key && { "%ARCADE_POSTHOG_KEY%": key }),
    ...(host && { "%ARCADE_POSTHOG_HOST%": host.replace(/\/+$/, "") }),
  };
}
