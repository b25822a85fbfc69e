import assert from "node:assert/strict";
import { writeProgram } from "../../support/executable_files.ts";
import { areInstalled } from "../../support/programs.ts";
import { succeeds, TestMachine } from "../../support/test_machine.ts";
import { as, openToOthers, withoutOrdinaryUser } from "../../support/users.ts";

/** Two ordinary users of one machine. */
const [VICTIM, ATTACKER] = [20_011, 20_012];
const ROOT = 0;

const ignore = withoutOrdinaryUser || !areInstalled("bash");

/** Sends a GET request as a user, and returns the response with its headers. */
async function get(machine: TestMachine, uid: number, address: string): Promise<string> {
  const { host, hostname, port, pathname, search } = new URL(address);
  const script = `exec 3<>/dev/tcp/${hostname}/${port}
printf '%s\\r\\n' 'GET ${pathname}${search} HTTP/1.1' 'Host: ${host}' 'Connection: close' '' >&3
cat <&3`;
  const { code, stdout, stderr } = await machine.startProgram(["bash", "-c", script], {
    through: as(uid),
    cwd: "/",
  }).end();
  assert.equal(code, 0, stderr);
  return stdout;
}

/** Who logs in, whose browser opens the address, and who opens it first. */
const LOGINS = [
  { user: VICTIM, browserOf: VICTIM, first: "the attacker" },
  { user: VICTIM, browserOf: VICTIM, first: "the victim" },
  { user: ROOT, browserOf: ROOT, first: "the attacker" },
  { user: ROOT, browserOf: VICTIM, first: "the attacker", env: { SUDO_UID: String(VICTIM) } },
] as const;
for (const { user, browserOf, first, ...login } of LOGINS) {
  const env = "env" in login ? login.env : {};
  const who = [user === ROOT ? "root" : "a user", ...Object.keys(env)].join(" with ");
  Deno.test({
    name: "another user who reads the browser's command line cannot finish the login of " +
      `${who} when ${first} is first`,
    ignore,
  }, async () => {
    await using machine = new TestMachine();
    await machine.serveInProcess({ autoApprove: true });
    const program = await openToOthers(machine);
    // The local Arcade is of root, who is another user than the one who logs in.
    Deno.removeSync(`${machine.folder}/running`, { recursive: true });
    assert(succeeds("chown", "-R", `${user}:${user}`, machine.home));
    // A browser that is slow to start: the test opens the address.
    const browser = `${machine.path}/browser`;
    writeProgram(
      browser,
      '#!/bin/sh\necho "$@" >"$HOME/opened.new"\nmv "$HOME/opened.new" "$HOME/opened"\n',
    );
    const watcher = Deno.watchFs(machine.home);
    const running = machine.startProgram([program, "login", "--callback-port", "0", "--browser"], {
      through: as(user),
      env: { BROWSER: browser, ...env },
    });
    running.ended.then(() => watcher.close());
    for await (const { paths } of watcher) if (paths.includes(`${machine.home}/opened`)) break;
    const address = Deno.readTextFileSync(`${machine.home}/opened`).trim();
    assert.doesNotMatch(address, /state|challenge|oauth/);
    if (first === "the attacker") {
      const refused = await get(machine, ATTACKER, address);
      assert.match(refused, /^HTTP\/1\.1 403 /);
      assert.doesNotMatch(refused, /^location:|^set-cookie:/mi);
    }
    const redirect = await get(machine, browserOf, address);
    assert.match(redirect, /^HTTP\/1\.1 303 /);
    if (first === "the victim") {
      assert.match(await get(machine, ATTACKER, address), /^HTTP\/1\.1 403 /);
    }
    const [, location = ""] = /^location: (\S+)/mi.exec(redirect) ?? [];
    const [, cookie = ""] = /^set-cookie: ([^;\s]+)/mi.exec(redirect) ?? [];
    const approved = await fetch(location, { redirect: "manual" });
    await approved.body?.cancel();
    const callback = approved.headers.get("location") ?? "";
    assert.match(await get(machine, ATTACKER, callback), /^HTTP\/1\.1 400 [^]*sent no cookie/);
    const page = await fetch(callback, { headers: { cookie } });
    assert.match(await page.text(), /You are logged in/);
    const { code, stderr } = await running.end();
    assert.equal(code, 0, stderr);
    assert.match(stderr, /Logged in as developer@arcade\.local/);
  });
}
