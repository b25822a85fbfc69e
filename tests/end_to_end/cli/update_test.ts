import assert from "node:assert/strict";
import { VERSION } from "../../../src/version.ts";
import { RawAnswers } from "../../support/answers.ts";
import { makeCertificates, withoutOpenssl } from "../../support/certificates.ts";
import { copyProgram } from "../../support/executable_files.ts";
import { FakeRepository } from "../../support/fake_release.ts";
import { until } from "../../support/patience.ts";
import { under, withoutPolicies } from "../../support/policies.ts";
import { areInstalled } from "../../support/programs.ts";
import { SigningKey } from "../../support/signing_key.ts";
import { ROOT } from "../../support/root.ts";
import {
  assertRefused,
  isAvailable,
  type ProcessOptions,
  succeeds,
  TestMachine,
} from "../../support/test_machine.ts";
import { as, ORDINARY, withoutOrdinaryUser } from "../../support/users.ts";

const ignore = !isAvailable(
  "Linux on x86-64 with script",
  () => Deno.build.target === "x86_64-unknown-linux-gnu" && succeeds("script", "--version"),
) || !areInstalled("ssh-keygen");

/** An arcade with a repository of releases, installed on a machine as by its installer. */
class Installed implements AsyncDisposable {
  readonly machine = new TestMachine();
  readonly repository = new FakeRepository();
  readonly bin = `${this.machine.home}/.local/bin`;
  readonly receipt = `${this.machine.home}/.config/arcade/install.json`;
  readonly state = `${this.machine.home}/.arcade/update-check.json`;

  /** Builds it, and publishes the version 9.9.9. */
  static async start(): Promise<Installed> {
    const installed = new Installed();
    const { machine, repository, bin, receipt } = installed;
    delete machine.env.ARCADE_NO_UPDATE_CHECK;
    const publicKey = await repository.publish("9.9.9");
    await using other = await SigningKey.generate();
    Deno.mkdirSync(bin, { recursive: true });
    Deno.mkdirSync(receipt.replace(/[^/]+$/, ""), { recursive: true });
    Deno.writeTextFileSync(receipt, JSON.stringify({ path: `${bin}/arcade`, version: VERSION }));
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["task", "--quiet", "build", `${bin}/arcade`],
      cwd: ROOT,
      env: {
        ARCADE_REPOSITORY: repository.url,
        ARCADE_RELEASE_KEYS: `${other.publicKey},${publicKey}`,
      },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).output();
    assert(success, new TextDecoder().decode(stderr));
    return installed;
  }

  /** Runs a command on a terminal. */
  async onTerminal(
    line: string,
    { env = {}, through = [], arcade = `${this.bin}/arcade` }: {
      readonly env?: Record<string, string>;
      readonly through?: readonly string[];
      readonly arcade?: string;
    } = {},
  ) {
    const script = ["script", "-qefc", `'${arcade}' ${line}`, "/dev/null"];
    const options = { isTyped: true, env: { SHELL: "/bin/sh", ...env }, through };
    const { code, stdout } = await this.machine.startProgram(script, options).end();
    return { code, stdout: stdout.replaceAll("\r\n", "\n") };
  }

  /** Runs a command without a terminal. */
  run(args: readonly string[], options: ProcessOptions = {}) {
    return this.machine.startProgram([`${this.bin}/arcade`, ...args], options).end();
  }

  /** Stores that 9.9.9 was found, and the time of the last check. */
  know(checkedAt: Date): void {
    const text = JSON.stringify({ checked_at: checkedAt, newest: "9.9.9" });
    Deno.mkdirSync(`${this.machine.home}/.arcade`, { recursive: true, mode: 0o700 });
    Deno.writeTextFileSync(this.state, text, { mode: 0o600 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.repository[Symbol.asyncDispose]();
    await this.machine[Symbol.asyncDispose]();
  }
}

Deno.test({
  name: "an installed arcade mentions a newer version once a day, and updates to it",
  ignore,
}, async () => {
  await using installed = await Installed.start();
  const { repository, bin, state } = installed;

  // Without update checks there is no request.
  await installed.onTerminal("telemetry status", { env: { ARCADE_NO_UPDATE_CHECK: "1" } });
  await installed.run(["telemetry", "status"]);
  assert.deepEqual(repository.downloaded, []);
  const first = await installed.onTerminal("telemetry status");
  assert.doesNotMatch(first.stdout, /9\.9\.9/);
  const isFound = () => Deno.readTextFileSync(state).includes("9.9.9");
  await until("the newest version", isFound);
  assert.deepEqual(repository.downloaded, ["latest"]);
  assert.deepEqual(repository.requests[0]?.body, "");

  // A mirror replaces the repository.
  await using mirror = new FakeRepository();
  mirror.newest = "9.9.9";
  Deno.removeSync(state);
  await installed.onTerminal("telemetry status", { env: { ARCADE_DOWNLOAD_URL: mirror.url } });
  await until("the newest version of the mirror", isFound);
  assert.deepEqual([mirror.downloaded, repository.downloaded], [["latest"], ["latest"]]);

  const notice = `arcade 9.9.9 is available; you have ${VERSION}. Run \`arcade update\`\n`;
  const second = await installed.onTerminal("telemetry status");
  assert(second.stdout.endsWith(notice), second.stdout);
  const third = await installed.onTerminal("telemetry status");
  assert(!third.stdout.includes("9.9.9"));
  assert.deepEqual(repository.downloaded, ["latest"]);

  const updated = await installed.onTerminal("update");
  assert.equal(updated.code, 0, updated.stdout);
  assert.match(updated.stdout, new RegExp(`Updated arcade from ${VERSION} to 9\\.9\\.9\n$`));
  assert.equal((await installed.run(["--version"])).stdout, "9.9.9\n");
  assert.deepEqual([...Deno.readDirSync(bin)].map(({ name }) => name), ["arcade"]);
});

Deno.test({
  name:
    "under a policy, or where the user cannot replace it, arcade mentions no newer version and looks for none",
  ignore: ignore || withoutPolicies || withoutOrdinaryUser,
}, async () => {
  await using installed = await Installed.start();
  const { machine, repository, bin } = installed;
  const now = new Date();
  const today = new Date(now.getTime() - 60_000);
  const lastWeek = new Date(now.getTime() - 7 * 86_400_000);
  const newer = /9\.9\.9 is available/;

  installed.know(today);
  const through = under("background_traffic = false\n", machine);
  const env = { ARCADE_NO_BACKGROUND_TRAFFIC: "0", ARCADE_NO_UPDATE_CHECK: "0" };
  assert.doesNotMatch((await installed.onTerminal("whoami", { through, env })).stdout, newer);
  assert.match((await installed.onTerminal("whoami", { env })).stdout, newer);
  await installed.run(["__check-for-update", `${machine.home}/.arcade`], { through });
  assert.deepEqual(repository.downloaded, []);

  const folder = `${machine.path}/opt`;
  Deno.mkdirSync(folder, { mode: 0o755 });
  const arcade = `${folder}/arcade`;
  copyProgram(`${bin}/arcade`, arcade);
  for (const path of [machine.path, folder, arcade]) Deno.chmodSync(path, 0o755);
  assert(succeeds("chown", "-R", `${ORDINARY}:${ORDINARY}`, machine.home));
  const user = as(ORDINARY);
  for (const checkedAt of [today, lastWeek]) {
    installed.know(checkedAt);
    Deno.chownSync(installed.state, ORDINARY, ORDINARY);
    const { stdout } = await installed.onTerminal("whoami", { arcade, through: user });
    assert.match(stdout, /Not logged in/);
    assert.doesNotMatch(stdout, newer);
  }
  assert.notEqual(JSON.parse(Deno.readTextFileSync(installed.state)).checked_at, lastWeek.toJSON());
  const { code, stderr } = await machine.startProgram([arcade, "update"], { through: user }).end();
  assert.equal(code, 2);
  assert.equal(
    stderr,
    `Error: You are not allowed to replace ${arcade}\n  Ask the user who installed it to update it\n`,
  );
  assert.deepEqual(repository.downloaded, []);
  assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["arcade"]);
});

Deno.test({
  name: "`update` explains TLS and proxies like every other command",
  ignore: ignore || withoutOpenssl,
}, async () => {
  await using installed = await Installed.start();
  const { bad } = await makeCertificates(installed.machine);
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, ...bad["self-signed"], onListen: () => {} },
    () => new Response(),
  );
  const mirror = `https://localhost:${server.addr.port}`;
  try {
    assertRefused(
      await installed.run(["update"], { env: { ARCADE_DOWNLOAD_URL: mirror } }),
      7,
      /^Error: Cannot reach https:\/\/localhost:\d+: TLS failed, its certificate is self-signed/,
    );
  } finally {
    await server.shutdown();
  }
  using proxy = new RawAnswers(
    'HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic realm="x"\r\n\r\n',
  );
  for (const scheme of ["http", "https"]) {
    const env = {
      ARCADE_DOWNLOAD_URL: `${scheme}://mirror.invalid/arcade`,
      HTTP_PROXY: proxy.url,
      HTTPS_PROXY: proxy.url,
    };
    assertRefused(
      await installed.run(["update"], { env }),
      7,
      /^Error: The proxy \S+ requires a user and password \(407\)\n {2}Set them in HTTPS?_PROXY/,
    );
  }
});
