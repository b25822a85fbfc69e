import assert from "node:assert/strict";
import { Answers, json } from "../support/answers.ts";
import { InProcess } from "../support/in_process.ts";

const ORGANIZATIONS = [{ organization_id: "org_1", name: "First", is_default: true }];
const PROJECTS = [{ project_id: "proj_1", name: "Only", is_default: true }];

/** Services that know one organization with one project, and answer everything else with a status. */
function services(status: number, headers: HeadersInit = {}): Answers {
  return new Answers(({ path }) =>
    path.endsWith("/orgs")
      ? json({ data: { items: ORGANIZATIONS } })
      : path.endsWith("/projects")
      ? json({ data: { items: PROJECTS } })
      : json({}, { status, headers })
  );
}

/** The last line of what a command says, which is its hint. */
async function hintOf(
  { status, args, env = {}, headers }: {
    readonly status: number;
    readonly args: readonly string[];
    readonly env?: Record<string, string>;
    readonly headers?: HeadersInit;
  },
): Promise<string | undefined> {
  await using server = services(status, headers);
  using home = new InProcess();
  home.writeCredentials();
  home.moveLogin({ coordinator: server.url, engine: server.url });
  const engine = env.ARCADE_TOKEN ?? env.ARCADE_API_KEY ? { ARCADE_ENGINE_URL: server.url } : {};
  const { stderr } = await home.run(args, { env: { ...env, ...engine } });
  return stderr.trimEnd().split("\n").at(-1)?.trim();
}

const LIST = ["secret", "list"];
const IN_CONTEXT = ["--context", "default"];

/** How a command names its project, how to choose another one, and what to check. */
const PROJECTS_NAMED: [
  args: readonly string[],
  env: Record<string, string>,
  another: string,
  check: string,
][] = [
  [[], {}, "choose another with `arcade org set`", "the active project with `arcade whoami`"],
  [
    IN_CONTEXT,
    {},
    "choose another with `arcade org set --context default`",
    "the active project with `arcade whoami --context default`",
  ],
  [["--project", "Only"], {}, "change `--project`", "`--project`"],
  [["--org", "First"], {}, "change `--org`", "`--org`"],
  [
    ["--org", "First", "--project", "Only", ...IN_CONTEXT],
    {},
    "change `--org` and `--project`",
    "`--org` and `--project`",
  ],
  [
    [],
    { ARCADE_ORG_ID: "o", ARCADE_PROJECT_ID: "p" },
    "change ARCADE_ORG_ID and " +
    "ARCADE_PROJECT_ID",
    "ARCADE_ORG_ID and ARCADE_PROJECT_ID",
  ],
  [["--org", "First"], { ARCADE_ORG_ID: "o" }, "change `--org`", "`--org`"],
  [[], { ARCADE_API_KEY: "arc_key_1234" }, "change ARCADE_API_KEY", "ARCADE_API_KEY"],
  [[], { ARCADE_TOKEN: "token_1234" }, "change ARCADE_TOKEN", "ARCADE_TOKEN"],
];
for (const [more, env, another, check] of PROJECTS_NAMED) {
  const what = [...LIST, ...more, ...Object.keys(env)].join(" ");
  Deno.test(`the hints of 403 and 404 name the source of the project: ${what}`, async () => {
    const args = [...LIST, ...more];
    assert.equal(
      await hintOf({ status: 403, args, env }),
      `Ask an administrator of the organization, or ${another}`,
    );
    assert.equal(await hintOf({ status: 404, args, env }), `Check the address and ${check}`);
  });
}

Deno.test("`project list` names the organization of its command line in hints", async () => {
  await using server = new Answers(() => json({}, { status: 403 }));
  using home = new InProcess();
  home.writeCredentials();
  home.moveLogin({ coordinator: server.url, engine: server.url });
  const { stderr } = await home.run(["project", "list"], { env: { ARCADE_ORG_ID: "o" } });
  assert.match(stderr, /organization, or change ARCADE_ORG_ID\n$/);
});

Deno.test("the hint of a login that is too weak logs in to the same context, or names the token", async () => {
  const weak = {
    status: 401,
    headers: { "www-authenticate": "Bearer error=insufficient_user_authentication" },
  };
  const setUp = "Set one up in your account settings, then";
  assert.equal(
    await hintOf({ ...weak, args: LIST }),
    `${setUp} run \`arcade login\``,
  );
  assert.equal(
    await hintOf({ ...weak, args: LIST, env: { ARCADE_CONTEXT: "default" } }),
    `${setUp} run \`arcade login --context default\``,
  );
  assert.equal(
    await hintOf({ ...weak, args: LIST, env: { ARCADE_TOKEN: "token_1234" } }),
    `${setUp} check ARCADE_TOKEN, or unset it to use the login`,
  );
});

/** Names that are not found, and the command that lists those of the same place. */
const UNKNOWN: [args: readonly string[], list: string][] = [
  [["secret", "list", "--org", "no"], "arcade org list"],
  [["secret", "list", "--org", "no", ...IN_CONTEXT], "arcade org list --context default"],
  [["secret", "list", "--project", "no"], "arcade project list"],
  [
    ["secret", "list", "--org", "First", "--project", "no", ...IN_CONTEXT],
    "arcade project list --context default --org First",
  ],
  [["project", "list", "--org", "no", ...IN_CONTEXT], "arcade org list --context default"],
  [["org", "set", "no", ...IN_CONTEXT], "arcade org list --context default"],
  [["project", "set", "no", ...IN_CONTEXT], "arcade project list --context default"],
  [
    ["server", "get", "no", "--project", "Only", ...IN_CONTEXT],
    "arcade server list --context default --project Only",
  ],
  [
    ["tool", "get", "no", "--project", "Only", ...IN_CONTEXT],
    "arcade tool list --context default --project Only",
  ],
];
for (const [args, list] of UNKNOWN) {
  Deno.test(`\`arcade ${args.join(" ")}\` names a list with the same flags`, async () => {
    await using server = new Answers(({ path }) =>
      path.endsWith("/orgs")
        ? json({ data: { items: ORGANIZATIONS } })
        : path.endsWith("/projects")
        ? json({ data: { items: PROJECTS } })
        : /\/(?:workers|tools)(?:\?|$)/.test(path)
        ? json({ items: [], total_count: 0 })
        : json({}, { status: 404 })
    );
    using home = new InProcess();
    home.writeCredentials();
    home.moveLogin({ coordinator: server.url, engine: server.url });
    const { stderr } = await home.run(args);
    assert.equal(stderr.trimEnd().split("\n").at(-1)?.trim(), `Run \`${list}\` to see them`);
    // The line works as it is typed.
    const [, ...typed] = list.split(" ");
    assert.equal((await home.run(typed)).code, 0);
  });
}
