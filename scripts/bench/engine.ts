/** The engine of the benchmark, and logins there. */

import { credentialsFor } from "./fixture.ts";

/** Starts the engine in a separate process, so that it does not disturb a measurement. Its first line is its address. */
export function startEngine(): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-net=127.0.0.1", `${import.meta.dirname}/server.ts`],
    stdin: "null",
    stdout: "piped",
  }).spawn();
}

/** Stores a login at this engine in a home folder. */
export async function writeLogin(home: string, engine: string): Promise<void> {
  await Deno.mkdir(`${home}/.arcade`, { mode: 0o700 });
  const path = `${home}/.arcade/credentials.yaml`;
  await Deno.writeTextFile(path, credentialsFor(engine), { mode: 0o600 });
}
