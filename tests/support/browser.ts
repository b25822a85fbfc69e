/** A real browser. */

import type { Browser } from "puppeteer-core";
import { PATIENCE_MS } from "./patience.ts";
import { isAvailable, type TestMachine } from "./test_machine.ts";

const PROGRAMS = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

const chromium = PROGRAMS.find((program) => {
  try {
    return Deno.statSync(program).isFile;
  } catch {
    return false; // not installed
  }
});
/** Whether no browser is available for tests. */
export const withoutChromium = !isAvailable("Chromium", () => chromium !== undefined);

/** Starts Chromium with a new profile. */
export async function startChromium(
  machine: Pick<TestMachine, "path" | "env">,
): Promise<Browser> {
  const { launch } = await import("puppeteer-core");
  return await launch({
    executablePath: chromium ?? "",
    userDataDir: `${machine.path}/chromium`,
    timeout: PATIENCE_MS,
    env: machine.env,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}
