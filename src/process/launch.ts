import { settlesWithin } from "../system/waiting.ts";

/** Long enough for a launcher such as xdg-open to fail. */
const LAUNCH_MS = 1500;

/** Variables with a token or a key of the user, which a browser does not need. */
const CREDENTIALS = ["ARCADE_API_KEY", "ARCADE_TOKEN"];

/** Starts a program without waiting for it; false when it fails to start or exits with an error at once. */
export async function launch(command: string, args: readonly string[]): Promise<boolean> {
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
    return await settlesWithin(LAUNCH_MS, child.status) ? (await child.status).success : true;
  } catch {
    return false; // no such program: the caller shows the address instead
  }
}
