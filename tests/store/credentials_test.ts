import assert from "node:assert/strict";
import { load } from "js-yaml";
import { Fields, isMapping, type Mapping } from "../../src/contract/fields.ts";
import { Failure } from "../../src/failure.ts";
import { Sensitive } from "../../src/secrecy/sensitive.ts";
import {
  CorruptFile,
  type OAuthCredentials,
  readCredentials,
} from "../../src/store/credentials.ts";
import {
  activateContext,
  formatExpiry,
  prepareForLogin,
  removeContext,
  removeCredentials,
  storeLogin,
  writeCredentials,
} from "../../src/store/credentials_changes.ts";
import { InProcess } from "../support/in_process.ts";

const credentials: OAuthCredentials = {
  kind: "oauth",
  contextName: "default",
  installation: "cloud",
  coordinatorUrl: "https://cloud.arcade.dev",
  engineUrl: undefined,
  dashboardUrl: undefined,
  accessToken: new Sensitive("at"),
  refreshToken: new Sensitive("rt"),
  expiresAt: new Date("2026-11-20T14:04:05.123Z"),
  lifetimeSeconds: 300,
  authorizationServer: "https://sso.example.com",
  email: "someone@example.com",
  accountId: "principal-1",
  activeProject: { orgId: "o1", orgName: "Org", projectId: "p1", projectName: "Project" },
};

/** The keys of these credentials that the Python CLI does not know. */
const OURS = { lifetime_seconds: 300, authorization_server: "https://sso.example.com" };

Deno.test("readCredentials() reads back what writeCredentials() wrote", async () => {
  using home = new InProcess();
  home.write("");
  await writeCredentials(home.folder, credentials);
  const read = await readCredentials(home.folder);
  assert(read?.kind === "oauth");
  assert.deepEqual({ ...read, accessToken: 0, refreshToken: 0 }, {
    ...credentials,
    accessToken: 0,
    refreshToken: 0,
  });
  assert.equal(read.accessToken.reveal(), "at");
  assert.equal(read.refreshToken?.reveal(), "rt");
});

Deno.test("writeCredentials() keeps unknown keys at every level", async () => {
  using home = new InProcess();
  home.write(`other: 1
cloud:
  extra: [a, b]
  coordinator_url: https://old.example
  auth: { access_token: a, refresh_token: b, expires_at: '2026-01-01T00:00:00', scope: x }
  user: { email: e, account_id: acc_1, name: n }
  context: { org_id: o, org_name: n, project_id: p, project_name: m, region: eu }
`);
  await writeCredentials(home.folder, credentials);
  const context = {
    kind: "cloud",
    coordinator_url: "https://cloud.arcade.dev",
    auth: {
      access_token: "at",
      refresh_token: "rt",
      expires_at: formatExpiry(credentials.expiresAt),
      ...OURS,
      scope: "x",
    },
    user: { email: "someone@example.com", account_id: "principal-1", name: "n" },
    context: {
      org_id: "o1",
      org_name: "Org",
      project_id: "p1",
      project_name: "Project",
      region: "eu",
    },
  };
  assert.deepEqual(load(home.read()), {
    other: 1,
    // The active context is also stored outside `contexts`, for older versions of the Python CLI.
    cloud: {
      extra: ["a", "b"],
      ...context,
      active_context: "default",
      contexts: { default: context },
    },
  });
});

Deno.test("expires_at is written as a string that YAML 1.1, as Python reads it, keeps as one", async () => {
  using home = new InProcess();
  home.write("");
  await writeCredentials(home.folder, credentials);
  assert.match(home.read(), /expires_at: '\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}[+-]\d\d:\d\d'/);
});

Deno.test("readCredentials() reads files of the Python CLI, also with unquoted times", async () => {
  using home = new InProcess();
  home.write(`cloud:
  auth:
    access_token: a
    expires_at: 2026-11-20 15:04:05.123456
    refresh_token: r
  context: null
  coordinator_url: https://cloud.arcade.dev
  user:
    email: e@example.com
`);
  const read = await readCredentials(home.folder);
  assert(read?.kind === "oauth");
  assert.equal(read.expiresAt.getTime(), new Date(2026, 10, 20, 15, 4, 5, 123).getTime());
  assert.equal(read.activeProject, undefined);
});

Deno.test("readCredentials() distinguishes the older kind of credentials from a login", async () => {
  using home = new InProcess();
  home.write("cloud:\n  api:\n    key: arc_legacy\n  user:\n    email: e\n");
  const legacy = await readCredentials(home.folder);
  assert(legacy?.kind === "legacy");
  assert.deepEqual([legacy.apiKey.reveal(), legacy.coordinatorUrl], ["arc_legacy", undefined]);
});

for (const source of ["", "\n", "other: 1\n", "cloud: {}\n", "cloud:\n  user: { email: e }\n"]) {
  Deno.test(`readCredentials() finds no login in ${JSON.stringify(source)}`, async () => {
    using home = new InProcess();
    home.write(source);
    assert.equal(await readCredentials(home.folder), undefined);
  });
}

const broken = {
  "a list as user":
    "cloud: { auth: { access_token: CANARY, expires_at: '2026-01-01T00:00:00' }, user: [CANARY] }\n",
  "a string as contexts": "cloud: { contexts: CANARY }\n",
  "no access token":
    "cloud: { auth: { refresh_token: CANARY, expires_at: '2026-01-01T00:00:00' } }\n",
  "invalid YAML": "cloud: {auth: [CANARY",
  "a list": "- CANARY\n",
  "a string": "CANARY\n",
  "a number as token":
    "cloud: { auth: { access_token: 1, refresh_token: CANARY, expires_at: x } }\n",
  "an invalid expiry":
    "cloud: { auth: { access_token: CANARY, refresh_token: b, expires_at: soon } }\n",
};
for (const [what, source] of Object.entries(broken)) {
  Deno.test(`readCredentials() rejects ${what} without showing it, and a login moves the file aside`, async () => {
    using home = new InProcess();
    home.write(source);
    await assert.rejects(readCredentials(home.folder), (error) => {
      assert(error instanceof CorruptFile);
      assert(!`${error.message}${error.next}${String(error.cause)}`.includes("CANARY"));
      return true;
    });
    const aside = await prepareForLogin({ folder: () => home.folder }, new Date());
    assert.equal(Deno.readTextFileSync(aside ?? ""), source);
    assert.equal(await readCredentials(home.folder), undefined);
  });
}

Deno.test("removeCredentials() removes the file, but keeps other top-level keys", async () => {
  using home = new InProcess();
  home.writeCredentials();
  await removeCredentials(home.folder);
  assert.deepEqual(home.files(), []);
  home.write("cloud: { user: { email: e } }\nother: kept\n");
  await removeCredentials(home.folder);
  assert.deepEqual(load(home.read()), { other: "kept" });
});

const SEVERAL = `cloud:
  active_context: cloud
  contexts:
    cloud:
      kind: cloud
      coordinator_url: https://cloud.arcade.dev
      auth: { access_token: a1, refresh_token: r1, expires_at: '2999-01-01T00:00:00' }
      user: { email: one@example.com, account_id: acc_1 }
      context: { org_id: o1, org_name: n1, project_id: p1, project_name: m1 }
    own:
      kind: self_hosted
      coordinator_url: https://own.example
      engine_url: https://engine.own.example
      auth: { access_token: a2, refresh_token: r2, expires_at: '2999-01-01T00:00:00' }
      user: { email: two@example.com }
  extra: kept
  kind: cloud
  coordinator_url: https://stale.example
  auth: { access_token: stale, refresh_token: stale, expires_at: '2020-01-01T00:00:00' }
`;

Deno.test("with several logins the active one is read, as in newer versions of the Python CLI", async () => {
  using home = new InProcess();
  home.write(SEVERAL);
  const first = await readCredentials(home.folder);
  assert(first?.kind === "oauth");
  assert.deepEqual([first.accessToken.reveal(), first.email, first.engineUrl], [
    "a1",
    "one@example.com",
    undefined,
  ]);
  home.write(SEVERAL.replace("active_context: cloud", "active_context: own"));
  const second = await readCredentials(home.folder);
  assert(second?.kind === "oauth");
  assert.deepEqual(
    [second.accessToken.reveal(), second.coordinatorUrl, second.engineUrl],
    ["a2", "https://own.example", "https://engine.own.example"],
  );
});

Deno.test("with several logins the active one is written, inside and outside `contexts`, and the others are kept", async () => {
  using home = new InProcess();
  home.write(SEVERAL);
  const before = several(home);
  await writeCredentials(home.folder, { ...credentials, contextName: "cloud" });
  const after = several(home);
  assert.deepEqual(after.cloud.contexts.own, before.cloud.contexts.own);
  const auth = {
    access_token: "at",
    refresh_token: "rt",
    expires_at: formatExpiry(credentials.expiresAt),
    ...OURS,
  };
  assert.deepEqual(after.cloud.contexts.cloud?.auth, auth);
  assert.deepEqual(after.cloud.contexts.cloud?.user, {
    email: "someone@example.com",
    account_id: "principal-1",
  });
  assert.deepEqual(after.cloud.auth, auth, "The copy for older versions of the Python CLI differs");
  assert.equal(after.cloud.extra, "kept");
});

Deno.test("an inactive context is read and written by its name", async () => {
  using home = new InProcess();
  home.write(SEVERAL);
  const own = await readCredentials(home.folder, "own");
  assert(own?.kind === "oauth");
  assert.deepEqual([own.contextName, own.installation, own.accessToken.reveal()], [
    "own",
    "self_hosted",
    "a2",
  ]);
  await writeCredentials(home.folder, { ...own, accessToken: new Sensitive("renewed") });
  const { cloud } = several(home);
  assert.equal(cloud.active_context, "cloud");
  const renewed = await readCredentials(home.folder, "own");
  assert(renewed?.kind === "oauth");
  assert.equal(renewed.accessToken.reveal(), "renewed");
  const active = await readCredentials(home.folder);
  assert(active?.kind === "oauth");
  assert.equal(active.accessToken.reveal(), "a1");
});

Deno.test("an unknown context is a usage error that lists the stored names", async () => {
  using home = new InProcess();
  home.write(SEVERAL);
  const isMistake = (error: unknown) =>
    error instanceof Failure && error.kind === "usage" && error.next?.includes("cloud, own");
  await assert.rejects(readCredentials(home.folder, "prod"), isMistake);
  await assert.rejects(activateContext(home.folder, "prod"), isMistake);
  await assert.rejects(removeContext(home.folder, "prod"), isMistake);
});

Deno.test("storeLogin() replaces its whole context, activates it, and keeps the others", async () => {
  using home = new InProcess();
  home.write(SEVERAL);
  await storeLogin(home.folder, {
    ...credentials,
    contextName: "own",
    installation: "cloud",
    refreshToken: undefined,
  }, { isProven: false });
  const { cloud } = several(home);
  assert.equal(cloud.active_context, "own");
  assert.deepEqual(cloud.contexts.own, {
    kind: "cloud",
    coordinator_url: "https://cloud.arcade.dev",
    auth: {
      access_token: "at",
      refresh_token: "",
      expires_at: formatExpiry(credentials.expiresAt),
      ...OURS,
    },
    user: { email: "someone@example.com", account_id: "principal-1" },
    context: { org_id: "o1", org_name: "Org", project_id: "p1", project_name: "Project" },
  });
  const { active_context: _active, contexts: _contexts, extra: _extra, ...beside } = cloud;
  assert.deepEqual(beside, cloud.contexts.own);
  assert.equal((await readCredentials(home.folder, "cloud"))?.kind, "oauth");
});

Deno.test("activateContext() changes only the active context and its copy", async () => {
  using home = new InProcess();
  home.write(SEVERAL);
  const before = several(home).cloud;
  await activateContext(home.folder, "own");
  const after = several(home).cloud;
  assert.deepEqual([after.active_context, after.contexts], ["own", before.contexts]);
  const { active_context: _active, contexts: _contexts, extra, ...beside } = after;
  assert.deepEqual([beside, extra], [before.contexts.own, "kept"]);
});

Deno.test("removeContext() removes one context, and the file with the last one", async () => {
  using home = new InProcess();
  home.write(SEVERAL);
  await removeContext(home.folder, "cloud");
  const after = several(home);
  assert.deepEqual(Object.keys(after.cloud.contexts), ["own"]);
  assert.equal(after.cloud.active_context, "own");
  assert.equal(after.cloud.extra, "kept");
  assert(!/a1|r1|stale/.test(home.read()), "A token of the removed login is left");
  const left = await readCredentials(home.folder);
  assert(left?.kind === "oauth" && left.email === "two@example.com");
  await removeContext(home.folder, "own");
  assert.deepEqual(home.files(), []);
});

/** The content of a file with several contexts. */
function several(home: InProcess): {
  readonly cloud: Mapping & {
    readonly active_context: string;
    readonly contexts: Readonly<Record<string, Mapping>>;
  };
} {
  const content = load(home.read());
  assert(isMapping(content));
  const cloud = new Fields(content).requiredFields("cloud");
  const active_context = cloud.requiredText("active_context");
  const all = cloud.requiredFields("contexts");
  const contexts = Object.fromEntries(
    Object.keys(all.mapping).map((name) => [name, all.requiredFields(name).mapping]),
  );
  return { cloud: { ...cloud.mapping, active_context, contexts } };
}

Deno.test("printing a credentials object shows no secrets", () => {
  assert(!/\bat\b|\brt\b/.test(Deno.inspect(credentials) + JSON.stringify(credentials)));
});

Deno.test("writeCredentials() drops an account id that may belong to another user", async () => {
  using home = new InProcess();
  home.write("cloud: {}\n");
  await writeCredentials(home.folder, credentials);
  await writeCredentials(home.folder, { ...credentials, accountId: undefined });
  const read = await readCredentials(home.folder);
  assert(read?.kind === "oauth");
  assert.equal(read.accountId, undefined);
});
