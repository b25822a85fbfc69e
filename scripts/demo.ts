/**
 * `deno task demo`: runs a session as separate processes, on a local Arcade with a temporary folder. Shows each command
 * line with its real output, checks each result, and exits with 1 if a check fails.
 */

import { PERMISSION_FLAGS } from "../src/process/permission_flags.ts";
import { writeAll } from "../src/system/write_all.ts";
import { shellWord } from "../src/text/shell_word.ts";

const root = `${import.meta.dirname}/../`;
const folder = await Deno.makeTempDir({ prefix: "arcade-demo-" });
const arcade = [Deno.execPath(), "run", "--quiet", ...PERMISSION_FLAGS, `${root}main.ts`] as const;
const canColor = Deno.stdout.isTerminal() && !Deno.env.get("NO_COLOR");
let failures = 0;

print(`${bold("Arcade, from nothing to stored secrets")}\n\n`);
const server = startServer();
try {
  const { url, dashboard } = await server.announced;
  print(`A local Arcade runs at ${url}, with its data in ${folder}\n`);
  await wholeSession(dashboard, {
    ARCADE_COORDINATOR_URL: url,
    ARCADE_ENGINE_URL: url,
    ARCADE_WORK_DIR: folder,
    // The user's own settings must not affect the demo.
    ARCADE_API_KEY: "",
    ARCADE_IDENTITY_FILE: "",
    ARCADE_POSTHOG_KEY: "",
    ARCADE_TOKEN: "",
    ARCADE_DEBUG: "",
    NO_COLOR: "1",
  });
} finally {
  server.process.kill("SIGINT");
  const { code } = await server.process.status;
  check(code === 0, "the local Arcade stops after Ctrl-C");
  await Deno.remove(folder, { recursive: true });
}
print(
  failures === 0
    ? `\n${green("All checks passed.")}\n`
    : `\n${red(`${failures} checks failed.`)}\n`,
);
Deno.exit(failures === 0 ? 0 : 1);

async function wholeSession(dashboard: string, env: Record<string, string>): Promise<void> {
  const envFile = `${folder}/.env`;
  await Deno.writeTextFile(
    envFile,
    [
      "# What the tools need",
      "STRIPE_KEY=sk_test_4eC39HqLyjWDarjtT1zdp7dc",
      "export REGION=eu-central-1   # comments are fine",
      "SIGNING_KEY='-----BEGIN KEY-----",
      "c2VjcmV0",
      "-----END KEY-----'",
      "",
    ].join("\n"),
  );

  title("Log in through OAuth; a stand-in for the browser approves on the sign-in page");
  const notes = `${folder}/browser.txt`;
  const login = await run(["login", "--callback-port", "0", "--browser"], env, {
    BROWSER: await browserStandIn(notes, dashboard),
  });
  const shown = await Deno.readTextFile(notes).catch(() => "");
  print(shown.replace(/^/gm, "  [browser] ").replace(/ {2}\[browser\] $/, ""));
  check(
    /Sign in to the local Arcade[^]*You are logged in/.test(shown),
    "the browser saw both pages",
  );
  check(login.code === 0, "login succeeds");
  check(login.stderr.includes("Logged in as developer@arcade.local"), "it shows the user");

  const whoami = await run(["whoami"], env);
  check(
    whoami.stdout.includes("developer@arcade.local"),
    "whoami shows the user without the network",
  );

  title("See organizations and projects");
  const orgs = await run(["org", "list"], env);
  check(
    /^\* +Default organization .* yes/m.test(orgs.stdout),
    "the default organization is active",
  );
  const projects = await run(["project", "list"], env);
  check(/^\* +Default project .* yes/m.test(projects.stdout), "the default project is active");

  title("Set secrets from a .env file, with a preview first");
  const dryRun = await run(
    ["secret", "set", "--from-env", "--env-file", envFile, "--dry-run"],
    env,
  );
  check(/STRIPE_KEY +create/.test(dryRun.stdout), "the dry run shows what would be created");
  const set = await run(["secret", "set", "--from-env", "--env-file", envFile], env);
  check(set.code === 0 && set.stderr.match(/Created/g)?.length === 3, "three secrets are created");
  check(!(set.stdout + set.stderr).includes("sk_test"), "no value is shown");

  const list = await run(["secret", "list"], env);
  check(
    ["STRIPE_KEY", "REGION", "SIGNING_KEY"].every((key) => list.stdout.includes(key)),
    "all secrets are listed",
  );
  check(
    !(list.stdout + list.stderr).includes("sk_test"),
    "only the last four characters of a value are shown, which the engine keeps as a hint",
  );

  title("Remove one");
  const unset = await run(["secret", "unset", "REGION"], env);
  check(unset.code === 0, "unset succeeds");
  const json = await run(["secret", "list", "--json"], env);
  const { secrets }: { secrets: { key: string }[] } = JSON.parse(json.stdout);
  check(
    secrets.map(({ key }) => key).join() === "SIGNING_KEY,STRIPE_KEY",
    "the other two remain",
  );

  title("Log out");
  const logout = await run(["logout"], env);
  check(logout.code === 0, "logout succeeds");
  const after = await run(["secret", "list"], env);
  check(after.code === 4, "the exit code shows that the user is logged out");
}

/** A program that acts as the browser of a user who has opened the dashboard, and records the pages. */
async function browserStandIn(notes: string, dashboard: string): Promise<string> {
  const path = `${folder}/browser`;
  const script = `${import.meta.dirname}/demo_browser.ts`;
  const permissions = ["--allow-net=127.0.0.1", `--allow-write=${notes}`];
  const words = [Deno.execPath(), "run", "--quiet", ...permissions, script, notes, dashboard];
  const source = `#!/bin/sh\nexec ${words.map(shellWord).join(" ")} "$1"\n`;
  await Deno.writeTextFile(path, source, { mode: 0o755 });
  return path;
}

function startServer() {
  const [program, ...args] = arcade;
  const process = new Deno.Command(program, {
    args: [
      ...args,
      "local",
      "serve",
      "--port",
      "0",
      "--data",
      `${folder}/local`,
      "--json",
    ],
    stdin: "null",
    stdout: "piped",
  }).spawn();
  return { process, announced: firstJson(process.stdout) };
}

/** Reads the line of JSON that the server prints when it is ready. */
async function firstJson(
  stream: ReadableStream<Uint8Array>,
): Promise<{ url: string; dashboard: string }> {
  let text = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.endsWith("}\n")) return JSON.parse(text);
  }
  throw new Error("The local Arcade did not start");
}

async function run(
  commandLine: string[],
  env: Record<string, string>,
  more: Record<string, string> = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  print(`\n${bold(`$ arcade ${commandLine.join(" ")}`)}\n`);
  const [program, ...args] = arcade;
  const result = await new Deno.Command(program, {
    args: [...args, ...commandLine],
    env: { ...env, ...more },
    stdin: "null",
  }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const [stdout, stderr] = [decode(result.stdout), decode(result.stderr)];
  print(stdout + stderr);
  return { code: result.code, stdout, stderr };
}

function check(condition: boolean, promise: string): void {
  if (!condition) failures++;
  print(`${condition ? green("✓") : red("✗")} ${promise}\n`);
}

function title(text: string): void {
  print(`\n${bold(`── ${text}`)}\n`);
}

function bold(text: string): string {
  return canColor ? `\x1b[1m${text}\x1b[22m` : text;
}

function green(text: string): string {
  return canColor ? `\x1b[32m${text}\x1b[39m` : text;
}

function red(text: string): string {
  return canColor ? `\x1b[31m${text}\x1b[39m` : text;
}

function print(text: string): void {
  writeAll(Deno.stdout, text);
}
