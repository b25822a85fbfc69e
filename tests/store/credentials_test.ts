import assert from "node:assert/strict";
import fc from "fast-check";
import { load } from "js-yaml";
import { Sensitive } from "../../src/sensitive.ts";
import {
  formatExpiry,
  type OAuthCredentials,
  parseExpiry,
  prepareForLogin,
  readCredentials,
  removeCredentials,
  UnintelligibleFile,
  writeCredentials,
} from "../../src/store/credentials.ts";
import { Home } from "../support/arcade.ts";

const credentials: OAuthCredentials = {
  kind: "oauth",
  coordinatorUrl: "https://cloud.arcade.dev",
  accessToken: new Sensitive("at"),
  refreshToken: new Sensitive("rt"),
  expiresAt: new Date("2026-11-20T14:04:05.123Z"),
  email: "someone@example.com",
  context: { orgId: "o1", orgName: "Org", projectId: "p1", projectName: "Project" },
};

Deno.test("writeCredentials() writes what readCredentials() reads", () => {
  using home = new Home();
  home.write("");
  writeCredentials(home.folder, credentials);
  const read = readCredentials(home.folder);
  assert(read?.kind === "oauth");
  assert.deepEqual({ ...read, accessToken: 0, refreshToken: 0 }, {
    ...credentials,
    accessToken: 0,
    refreshToken: 0,
  });
  assert.equal(read.accessToken.reveal(), "at");
  assert.equal(read.refreshToken?.reveal(), "rt");
});

Deno.test("writeCredentials() keeps keys that it does not know, at every level", () => {
  using home = new Home();
  home.write(`other: 1
cloud:
  extra: [a, b]
  coordinator_url: https://old.example
  auth: { access_token: a, refresh_token: b, expires_at: '2026-01-01T00:00:00', scope: x }
  user: { email: e, account_id: acc_1 }
  context: { org_id: o, org_name: n, project_id: p, project_name: m, region: eu }
`);
  writeCredentials(home.folder, credentials);
  const document = load(home.read());
  const expected = {
    other: 1,
    cloud: {
      extra: ["a", "b"],
      coordinator_url: "https://cloud.arcade.dev",
      auth: {
        access_token: "at",
        refresh_token: "rt",
        expires_at: formatExpiry(credentials.expiresAt),
        scope: "x",
      },
      user: { email: "someone@example.com", account_id: "acc_1" },
      context: {
        org_id: "o1",
        org_name: "Org",
        project_id: "p1",
        project_name: "Project",
        region: "eu",
      },
    },
  };
  assert.deepEqual(document, expected);
});

Deno.test("expires_at is written as a string that YAML 1.1, as Python reads it, keeps as one", () => {
  using home = new Home();
  home.write("");
  writeCredentials(home.folder, credentials);
  assert.match(home.read(), /expires_at: '\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}[+-]\d\d:\d\d'/);
});

Deno.test("formatExpiry() writes local time, whatever its offset, and parseExpiry() reads it back", () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date(0), max: new Date("2100-01-01"), noInvalidDate: true }),
      (date) => {
        const written = formatExpiry(date);
        assert.equal(parseExpiry(written)?.getTime(), date.getTime());
        const two = (n: number) => String(n).padStart(2, "0");
        assert(written.slice(11).startsWith(`${two(date.getHours())}:${two(date.getMinutes())}`));
      },
    ),
  );
});

const moments: [written: string, expected: Date][] = [
  ["2026-11-20T15:04:05.123456", new Date(2026, 10, 20, 15, 4, 5, 123)],
  ["2026-11-20 15:04:05.123456", new Date(2026, 10, 20, 15, 4, 5, 123)],
  ["2026-11-20T15:04:05", new Date(2026, 10, 20, 15, 4, 5)],
  ["2026-11-20T15:04:05.123456+01:00", new Date("2026-11-20T14:04:05.123Z")],
  ["2026-11-20T15:04:05-0330", new Date("2026-11-20T18:34:05Z")],
  ["2026-11-20T15:04:05Z", new Date("2026-11-20T15:04:05Z")],
];
for (const [written, expected] of moments) {
  Deno.test(`parseExpiry() reads ${written}`, () => {
    assert.equal(parseExpiry(written)?.getTime(), expected.getTime());
  });
}

for (const written of ["", "soon", "2026-13-45T99:99:99", "1700000000"]) {
  Deno.test(`parseExpiry() does not take ${JSON.stringify(written)} for a time`, () => {
    assert.equal(parseExpiry(written), undefined);
  });
}

Deno.test("readCredentials() reads what the Python CLI writes, unquoted times too", () => {
  using home = new Home();
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
  const read = readCredentials(home.folder);
  assert(read?.kind === "oauth");
  assert.equal(read.expiresAt.getTime(), new Date(2026, 10, 20, 15, 4, 5, 123).getTime());
  assert.equal(read.context, undefined);
});

Deno.test("readCredentials() tells the older kind from a login", () => {
  using home = new Home();
  home.write("cloud:\n  api:\n    key: arc_legacy\n  user:\n    email: e\n");
  assert.deepEqual(readCredentials(home.folder), { kind: "legacy" });
});

for (const source of ["", "\n", "other: 1\n", "cloud: {}\n", "cloud:\n  user: { email: e }\n"]) {
  Deno.test(`readCredentials() finds nobody logged in in ${JSON.stringify(source)}`, () => {
    using home = new Home();
    home.write(source);
    assert.equal(readCredentials(home.folder), undefined);
  });
}

const broken = {
  "what is not YAML": "cloud: {auth: [CANARY",
  "a list": "- CANARY\n",
  "a text": "CANARY\n",
  "a token that is a number":
    "cloud: { auth: { access_token: 1, refresh_token: CANARY, expires_at: x } }\n",
  "an expiry that is no time":
    "cloud: { auth: { access_token: CANARY, refresh_token: b, expires_at: soon } }\n",
};
for (const [what, source] of Object.entries(broken)) {
  Deno.test(`readCredentials() refuses ${what} and does not show it; a login keeps it aside`, async () => {
    using home = new Home();
    home.write(source);
    assert.throws(() => readCredentials(home.folder), (error) => {
      assert(error instanceof UnintelligibleFile);
      assert(!`${error.message}${error.next}${String(error.cause)}`.includes("CANARY"));
      return true;
    });
    const aside = await prepareForLogin(home.folder, new Date());
    assert.equal(Deno.readTextFileSync(aside ?? ""), source);
    assert.equal(readCredentials(home.folder), undefined);
  });
}

Deno.test("removeCredentials() removes the file, but keeps other top-level keys", () => {
  using home = new Home();
  home.writeCredentials();
  removeCredentials(home.folder);
  assert.deepEqual(home.files(), []);
  home.write("cloud: { user: { email: e } }\nother: kept\n");
  removeCredentials(home.folder);
  assert.deepEqual(load(home.read()), { other: "kept" });
});

Deno.test("nothing of a credentials object is shown when it is printed", () => {
  assert(!/\bat\b|\brt\b/.test(Deno.inspect(credentials) + JSON.stringify(credentials)));
});
