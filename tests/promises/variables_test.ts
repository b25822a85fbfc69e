import assert from "node:assert/strict";
import { Services } from "../support/services.ts";
import { Answers, json } from "../support/answers.ts";
import { CHOOSING } from "../support/variables.ts";
import { InProcess } from "../support/in_process.ts";

function loggedInAt(server: Answers): InProcess {
  const home = new InProcess();
  home.writeCredentials();
  home.moveLogin({ coordinator: server.url, engine: server.url });
  return home;
}

for (const name of [...CHOOSING, "ARCADE_LOGIN_TIMEOUT_SECONDS", "ARCADE_OUTPUT"]) {
  Deno.test(`a blank ${name} changes nothing`, async () => {
    await using server = new Services();
    using home = loggedInAt(server);
    for (const args of [["secret", "list"], ["org", "list"], ["whoami"]]) {
      const unset = await home.run(args);
      const blank = await home.run(args, { env: { [name]: " " } });
      assert.deepEqual(blank, unset, args.join(" "));
    }
    const [first, ...others] = server.seen.filter(({ path }) => path.startsWith("/v1/"));
    assert.deepEqual(others, [first]);
  });
}

/** Variables that a command does not use, with values that would break one that uses them. */
const UNUSED: [args: string[], env: Record<string, string>][] = [
  [["org", "list"], { ARCADE_URL: "ftp://x", ARCADE_ENGINE_URL: "ftp://x" }],
  [["project", "list"], { ARCADE_URL: "ftp://x", ARCADE_ENGINE_URL: "ftp://x" }],
  [["secret", "list"], { ARCADE_URL: "ftp://x", ARCADE_LOGIN_TIMEOUT_SECONDS: "soon" }],
  [["whoami"], { ARCADE_URL: "ftp://x", ARCADE_TIMEOUT_SECONDS: "soon" }],
  [["context", "list"], { ARCADE_URL: "ftp://x", ARCADE_ENGINE_URL: "ftp://x" }],
  [["logout"], { ARCADE_URL: "ftp://x", ARCADE_ENGINE_URL: "ftp://x", ARCADE_OUTPUT: "yaml" }],
  [["completion", "bash"], { ARCADE_TIMEOUT_SECONDS: "soon", ARCADE_OUTPUT: "yaml" }],
  [["whoami", "--json"], { ARCADE_OUTPUT: "yaml" }],
  [["whoami", "--help"], { ARCADE_OUTPUT: "yaml" }],
  [["telemetry", "status"], { ARCADE_URL: "ftp://x", ARCADE_ENGINE_URL: "ftp://x" }],
];
for (const [args, env] of UNUSED) {
  const names = Object.keys(env).join(" and ");
  Deno.test(`\`${args.join(" ")}\` does not use ${names}, and is not broken by them`, async () => {
    await using server = new Answers(({ path }) => {
      const item = { organization_id: "org_1", project_id: "proj_1", name: "One" };
      return json(path.startsWith("/v1/") ? { items: [] } : { data: { items: [item] } });
    });
    using home = loggedInAt(server);
    const { code, stderr } = await home.run(args, { env });
    assert.equal(code, 0, stderr);
  });
}
