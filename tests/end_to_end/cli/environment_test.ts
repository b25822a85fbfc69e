/** Variables of the environment that are not UTF-8 text. */

import assert from "node:assert/strict";
import { Answers } from "../../support/answers.ts";
import { writeProgram } from "../../support/executable_files.ts";
import { assertRefused, TestMachine } from "../../support/test_machine.ts";
import { ENVIRONMENT_VARIABLES } from "../../../src/contract/variables.ts";

const ignore = Deno.build.os !== "linux"; // other systems convert or refuse such values

/** The words before a program that set these variables to bytes that are not UTF-8 text, around a token. */
function unreadable(...names: readonly string[]): string[] {
  const lines = names.map((name) => `${name}=$(printf 'to\\377ken-canary'); export ${name}`);
  return ["/bin/sh", "-c", `${lines.join("\n")}\nexec "$@"`, "sh"];
}

const COMMANDS = [
  [],
  ["--help"],
  ["--version"],
  ["__complete", "bash", "arcade secret unset ", ""],
  ["completion", "bash"],
  ["context", "list"],
  ["dashboard", "--no-browser"],
  ["deploy", "--dry-run"],
  ["identity", "list"],
  ["local", "stop"],
  ["login", "--no-browser"],
  ["logout"],
  ["mcp", "--", "true"],
  ["org", "list"],
  ["secret", "list"],
  ["secret", "list", "--debug"],
  ["secret", "set", "KEY=value"],
  ["server", "logs", "name"],
  ["telemetry", "status"],
  ["telemetry", "show"],
  ["update"],
  ["whoami"],
];

Deno.test(
  { name: "no variable that is not UTF-8 text ends a command with a trace", ignore },
  async () => {
    await using machine = new TestMachine();
    // With TMPDIR, a relative path here, the runtime itself does not start.
    const names = ENVIRONMENT_VARIABLES.filter((name) => name !== "TMPDIR");
    for (const args of COMMANDS) {
      const { code, stdout, stderr } = await machine.run(args, { through: unreadable(...names) });
      assert([0, 1, 2, 127].includes(code), `arcade ${args.join(" ")}: ${code} ${stderr}`);
      assert.doesNotMatch(stdout + stderr, /canary|bug in arcade/, `arcade ${args.join(" ")}`);
    }
  },
);

Deno.test(
  { name: "a variable that is not UTF-8 text counts as unset, with one warning", ignore },
  async () => {
    await using machine = await TestMachine.loggedIn();
    const through = unreadable("LANG", "BROWSER");
    for (const args of [["whoami"], ["secret", "list"]]) {
      const { code, stdout, stderr } = await machine.run(args, { through });
      const without = await machine.run(args);
      assert.deepEqual([code, stdout], [0, without.stdout]);
      assert.equal(
        stderr,
        `Warning: Cannot read variables that are not UTF-8 text: BROWSER, LANG\n${without.stderr}`,
      );
    }
    assert.deepEqual(
      await machine.run(["--version"], { through }),
      await machine.run(["--version"]),
    );
  },
);

Deno.test({
  name: "a credential, an address or a project that is not UTF-8 text is refused where it is used",
  ignore,
}, async () => {
  await using machine = await TestMachine.loggedIn();
  const used = {
    ARCADE_API_KEY: ["secret", "list"],
    ARCADE_CONTEXT: ["whoami"],
    ARCADE_COORDINATOR_URL: ["org", "list"],
    ARCADE_ENGINE_URL: ["secret", "list"],
    ARCADE_IDENTITY_FILE: ["identity", "list"],
    ARCADE_ORG_ID: ["secret", "list"],
    ARCADE_PROJECT_ID: ["secret", "list"],
    ARCADE_TOKEN: ["secret", "list"],
    ARCADE_WORK_DIR: ["whoami"],
  };
  const unused = {
    // `org list` reads a key if the coordinator is on this machine.
    ARCADE_API_KEY: ["context", "list"],
    ARCADE_IDENTITY_FILE: ["context", "list"],
    ARCADE_PROJECT_ID: ["whoami"],
    ARCADE_TOKEN: ["telemetry", "status"],
    ARCADE_URL: ["secret", "list"],
  };
  for (const [name, args] of Object.entries(unused)) {
    const { code, stderr } = await machine.run(args, { through: unreadable(name) });
    assert.equal(code, 0, stderr);
  }
  for (const [name, args] of Object.entries(used)) {
    const ran = await machine.run(args, { through: unreadable(name) });
    assertRefused(ran, 2, new RegExp(`${name} is not UTF-8 text`));
    const unconcerned = await machine.run(["completion", "bash"], { through: unreadable(name) });
    assert.equal(unconcerned.code, 0);
  }
});

Deno.test(
  { name: "no request bypasses a proxy whose variable is not UTF-8 text", ignore },
  async () => {
    await using machine = new TestMachine();
    await using engine = new Answers(() => Response.json({ items: [] }));
    for (const name of ["HTTPS_PROXY", "all_proxy", "NO_PROXY", "no_proxy"]) {
      const through = unreadable(name);
      const elsewhere = { ARCADE_API_KEY: "key", ARCADE_ENGINE_URL: "https://engine.invalid" };
      const refused = await machine.run(["secret", "list"], { through, env: elsewhere });
      assertRefused(refused, 2, new RegExp(`${name} is not UTF-8 text`));
      // No proxy is used for this machine.
      const here = { ARCADE_API_KEY: "key", ARCADE_ENGINE_URL: engine.url };
      assert.equal((await machine.run(["secret", "list"], { through, env: here })).code, 0);
    }
  },
);

Deno.test(
  {
    name:
      "a list of hosts without a proxy that is not UTF-8 text leaves the local Arcade within reach",
    ignore,
  },
  async () => {
    await using machine = await TestMachine.loggedIn();
    for (const name of ["NO_PROXY", "no_proxy"]) {
      const { code, stderr } = await machine.run(["secret", "list"], { through: unreadable(name) });
      assert.equal(code, 0, stderr);
    }
  },
);

Deno.test({ name: "PATH keeps the folders that are UTF-8 text", ignore }, async () => {
  await using machine = new TestMachine();
  const folder = `${machine.path}/a "quoted" \\ ü\u0301 folder`;
  await Deno.mkdir(folder);
  writeProgram(`${folder}/its-server`, "#!/bin/sh\necho started\n");
  const path = `PATH=$(printf '/\\377:%s:/\\351' "$1"):$PATH; shift; exec "$@"`;
  const { code, stdout, stderr } = await machine.run(["mcp", "--", "its-server"], {
    through: ["/bin/sh", "-c", path, "sh", folder],
  });
  assert.deepEqual([code, stdout], [0, "started\n"], stderr);
});
