/** `deno task build`: one executable, dist/arcade. `--release` embeds the current Deno from its CDN, or fails. */

import { PERMISSION_FLAGS } from "../src/cli/permissions.ts";
import { compile } from "./compile.ts";

const root = `${import.meta.dirname}/../`;
const release = Deno.args.includes("--release");
await Deno.mkdir(`${root}dist`, { recursive: true });
const destination = `${root}dist/arcade${Deno.build.os === "windows" ? ".exe" : ""}`;
const deno = await compile(`${root}main.ts`, destination, {
  permissions: PERMISSION_FLAGS,
  release,
});
const { size } = await Deno.stat(destination);
const megabytes = (size / 1_000_000).toFixed(1);
const line = `dist/arcade: ${megabytes} MB with Deno ${deno}${
  deno === Deno.version.deno ? "" : " (not for release)"
}\n`;
await Deno.stdout.write(new TextEncoder().encode(line));
