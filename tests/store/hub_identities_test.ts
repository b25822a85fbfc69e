import assert from "node:assert/strict";
import fc from "fast-check";
import { parse as parseIndependently } from "toml";
import { Failure } from "../../src/failure.ts";
import { Sensitive } from "../../src/secrecy/sensitive.ts";
import { findIdentity, listIdentities } from "../../src/store/hub_identities.ts";
import {
  type IdentityChange,
  moveCorruptAside,
  removeIdentities,
  saveIdentity,
  updateIdentity,
} from "../../src/store/hub_identities_changes.ts";
import { covers, isToken } from "../../src/store/hub_identity.ts";
import type { IdentityFile } from "../../src/store/identity_file.ts";
import { assertMode } from "../support/modes.ts";

const HUB = "musehub.ai";

/** An identity file, removed at the end of its test. */
class Store implements Disposable {
  readonly folder = Deno.makeTempDirSync();
  readonly path = `${this.folder}/identity.toml`;
  readonly file: IdentityFile = { path: this.path };

  constructor(content?: string) {
    if (content !== undefined) this.write(content);
  }

  write(content: string): void {
    Deno.writeTextFileSync(this.path, content, { mode: 0o600 });
  }

  read(): string {
    return Deno.readTextFileSync(this.path);
  }

  names(): string[] {
    return [...Deno.readDirSync(this.folder)].map(({ name }) => name).sort();
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.folder, { recursive: true });
  }
}

function isFileFailure(...patterns: RegExp[]) {
  return (error: unknown) => {
    assert(error instanceof Failure);
    assert.equal(error.kind, "file");
    const message = `${error.message}. ${error.next}`;
    for (const pattern of patterns) assert.match(message, pattern);
    assert.doesNotMatch(message + Deno.inspect(error.cause), /CANARY/);
    return true;
  };
}

const FULL: IdentityChange = {
  type: "agent",
  name: "composer-v2",
  id: "agt_def456",
  token: new Sensitive("eyJ.CANARY"),
  capabilities: ["read:*", "write:midi", "commit"],
  expiresAt: new Date("2027-01-01T00:00:00Z"),
};

Deno.test("an identity is stored in the format of Muse and found again", async () => {
  using store = new Store();
  const { identity, isNew } = await saveIdentity(store.file, HUB, FULL);
  assert.equal(isNew, true);
  assert.equal(
    store.read(),
    `["musehub.ai"]
type = "agent"
name = "composer-v2"
id = "agt_def456"
token = "eyJ.CANARY"
capabilities = [ "read:*", "write:midi", "commit" ]
expires_at = "2027-01-01T00:00:00.000Z"
`,
  );
  const found = findIdentity(store.path, HUB);
  assert.deepEqual(found, identity);
  assert.equal(found?.token?.reveal(), "eyJ.CANARY");
  assert.deepEqual({ ...found, token: undefined }, {
    hub: HUB,
    type: "agent",
    name: "composer-v2",
    id: "agt_def456",
    token: undefined,
    capabilities: FULL.capabilities,
    expiresAt: FULL.expiresAt,
  });
  assert.equal(findIdentity(store.path, "musehub.ai:8443"), undefined);
});

Deno.test("without a file nothing is found, and no file is created", async () => {
  using store = new Store();
  assert.equal(findIdentity(store.path, HUB), undefined);
  assert.deepEqual(listIdentities(store.path), { identities: [], unusable: [] });
  assert.deepEqual(await removeIdentities(store.file, "all"), []);
  await updateIdentity(store.file, HUB, () => assert.fail("An unknown identity was changed"));
  assert.deepEqual(store.names(), []);
});

Deno.test("fields that are not given are kept, and an empty text removes a field", async () => {
  using store = new Store();
  await saveIdentity(store.file, HUB, FULL);
  const { identity, isNew } = await saveIdentity(store.file, HUB, { name: "" });
  assert.equal(isNew, false);
  assert.equal(identity.name, undefined);
  assert.equal(identity.id, "agt_def456");
  assert.equal(identity.type, "agent");
  assert.equal(identity.token?.reveal(), "eyJ.CANARY");
  assert.doesNotMatch(store.read(), /name/);
});

Deno.test("a new token removes the expiry of the old one", async () => {
  using store = new Store();
  await saveIdentity(store.file, HUB, FULL);
  const again = await saveIdentity(store.file, HUB, { token: new Sensitive("eyJ.CANARY") });
  assert.deepEqual(again.identity.expiresAt, FULL.expiresAt);
  const other = await saveIdentity(store.file, HUB, { token: new Sensitive("other") });
  assert.equal(other.identity.expiresAt, undefined);
  assert.doesNotMatch(store.read(), /expires_at/);
  const expiresAt = new Date("2028-01-01T00:00:00Z");
  const both = await saveIdentity(store.file, HUB, { token: new Sensitive("third"), expiresAt });
  assert.deepEqual(both.identity.expiresAt, expiresAt);
});

Deno.test("an empty token counts as missing, and the other fields are kept", async () => {
  using store = new Store();
  await saveIdentity(store.file, HUB, FULL);
  await updateIdentity(store.file, HUB, () => ({ token: new Sensitive("") }));
  const found = findIdentity(store.path, HUB);
  assert.equal(found?.token, undefined);
  assert.equal(found?.name, "composer-v2");
  assert.match(store.read(), /^token = ""$/m);
});

Deno.test("updateIdentity() changes an existing identity as its callback decides, and creates none", async () => {
  using store = new Store(`["musehub.ai"]\ntoken = "a"\n`);
  await updateIdentity(store.file, HUB, ({ token }) => {
    assert.equal(token?.reveal(), "a");
    return { token: new Sensitive("b") };
  });
  assert.equal((findIdentity(store.path, HUB))?.token?.reveal(), "b");
  const before = store.read();
  await updateIdentity(store.file, HUB, () => undefined);
  await updateIdentity(store.file, "other.example", () => ({ token: new Sensitive("c") }));
  assert.equal(store.read(), before);
});

Deno.test("entries under a hub in capital letters are found and keep their names", async () => {
  using store = new Store(`["MuseHub.AI"]\ntype = "human"\ntoken = "a"\n`);
  assert.equal((findIdentity(store.path, HUB))?.token?.reveal(), "a");
  await saveIdentity(store.file, HUB, { token: new Sensitive("b") });
  assert.equal(store.read(), `["MuseHub.AI"]\ntype = "human"\ntoken = "b"\n`);
  // The normalized name takes precedence. Removal removes both, so that the other token does not reappear.
  store.write(`["MuseHub.AI"]\ntoken = "a"\n["musehub.ai"]\ntoken = "c"\n`);
  assert.equal((findIdentity(store.path, HUB))?.token?.reveal(), "c");
  assert.equal((listIdentities(store.path)).identities.length, 1);
  assert.deepEqual(await removeIdentities(store.file, new Set([HUB])), [HUB]);
  assert.equal(findIdentity(store.path, HUB), undefined);
});

Deno.test("an entry without a type is a human's", () => {
  using store = new Store(`["musehub.ai"]\ntoken = "a"\n["b.example"]\nname = "B"\n`);
  const { identities, unusable } = listIdentities(store.path);
  assert.deepEqual(identities.map(({ hub, type, name }) => [hub, type, name]), [
    ["musehub.ai", "human", undefined],
    ["b.example", "human", "B"],
  ]);
  assert.deepEqual(unusable, []);
});

Deno.test("times are read as strings and as TOML dates", () => {
  const forms = [
    '"2027-01-01T01:00:00+01:00"',
    '"2027-01-01T00:00:00Z"',
    "2027-01-01T00:00:00Z",
    "2027-01-01 01:00:00+01:00",
  ];
  for (const form of forms) {
    using store = new Store(`["musehub.ai"]\ntoken = "a"\nexpires_at = ${form}\n`);
    assert.deepEqual(
      (findIdentity(store.path, HUB))?.expiresAt,
      new Date("2027-01-01T00:00:00Z"),
      form,
    );
  }
});

Deno.test("other tables and values are kept and do not count as identities", async () => {
  const others = `version = 3
localhost = "no table"
day = 1979-05-27

[settings]
theme = "dark"

["empty.example"]

[musehub.extra]
k = 1

[["many.example"]]
k = 1
`;
  using store = new Store(others);
  assert.deepEqual(listIdentities(store.path), { identities: [], unusable: [] });
  assert.equal(findIdentity(store.path, "settings"), undefined);
  assert.equal(findIdentity(store.path, "empty.example"), undefined);
  assert.deepEqual(await removeIdentities(store.file, new Set(["settings", HUB])), []);
  await saveIdentity(store.file, HUB, FULL);
  assert(store.read().startsWith(others));
  assert.deepEqual(await removeIdentities(store.file, "all"), [HUB]);
  assert.equal(store.read().trimEnd(), others.trimEnd());
  // A value with the name of the hub is not replaced.
  for (const hub of ["version", "localhost", "day", "many.example"]) {
    const before = store.read();
    const message = new RegExp(`\\(${hub} is missing or invalid\\)`);
    await assert.rejects(saveIdentity(store.file, hub, FULL), isFileFailure(message));
    assert.equal(store.read(), before);
  }
});

const odd: [key: string, entry: string][] = [
  ["type", 'type = "robot"'],
  ["type", "type = 1"],
  ["name", "name = 1"],
  ["id", 'id = ["CANARY"]'],
  ["token", "token = 1"],
  ["token", 'token = ["CANARY"]'],
  ["token", 'token = "CANARY with spaces"'],
  ["token", 'token = "CANARY\\n"'],
  ["token", "token.value = 'CANARY'"],
  ["capabilities", 'capabilities = "CANARY"'],
  ["capabilities", 'capabilities = ["CANARY", 1]'],
  ["expires_at", "expires_at = 1"],
  ["expires_at", 'expires_at = "CANARY"'],
  ["expires_at", "expires_at = 2027-01-01"],
  ["expires_at", "expires_at = 07:32:00"],
];
for (const [key, entry] of odd) {
  Deno.test(`an entry with ${entry} is reported, kept, and can be removed`, async () => {
    const good = `["good.example"]\ntoken = "x"\n`;
    const content = `${good}\n["musehub.ai"]\n${entry}\n`;
    using store = new Store(content);
    const problem = `musehub.ai.${key} is missing or invalid`;
    const failure = isFileFailure(
      new RegExp(`identity\\.toml is corrupt \\(${problem}\\)`),
      /arcade identity remove --hub musehub\.ai`$/,
    );
    assert.throws(() => findIdentity(store.path, HUB), failure);
    await assert.rejects(saveIdentity(store.file, HUB, FULL), failure);
    await assert.rejects(updateIdentity(store.file, HUB, () => FULL), failure);
    const { identities, unusable } = listIdentities(store.path);
    assert.deepEqual(identities.map(({ hub }) => hub), ["good.example"]);
    assert.deepEqual(unusable, [{ hub: HUB, problem }]);
    assert.equal((findIdentity(store.path, "good.example"))?.token?.reveal(), "x");
    assert.equal(store.read(), content);
    await saveIdentity(store.file, "good.example", { name: "G" });
    assert(store.read().includes(entry));
    assert.deepEqual(await removeIdentities(store.file, new Set([HUB])), [HUB]);
    assert.equal(store.read().trimEnd(), `${good}name = "G"`);
  });
}

const corrupt: [what: RegExp, content: string | Uint8Array][] = [
  [/line 2 is not TOML/, '["musehub.ai"]\ntoken = CANARY\n'],
  [/line 1 is not TOML/, '["musehub.ai\ntoken = "CANARY"\n'],
  [/line 3 is not TOML/, '["musehub.ai"]\ntoken = "CANARY"\ntoken = "CANARY"\n'],
  [/line 4 is not TOML/, '["musehub.ai"]\ntoken = "CANARY"\n\n["musehub.ai"]\n'],
  [/line 2 is not TOML/, '["musehub.ai"]\ntoken = "CAN\n'],
  [/line 1 is not TOML/, "\x00CANARY"],
  [/line 1 is not TOML/, "<html>CANARY</html>"],
  [/it is not UTF-8 text/, new Uint8Array([0x43, 0xff, 0xfe])],
];
for (const [what, content] of corrupt) {
  Deno.test(`a corrupt file is never replaced: ${what.source} in ${JSON.stringify(content)}`, async () => {
    using store = new Store();
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    Deno.writeFileSync(store.path, bytes);
    Deno.chmodSync(store.path, 0o644);
    const failure = isFileFailure(what, /identity\.toml/, /arcade identity add --reset`$/);
    assert.throws(() => findIdentity(store.path, HUB), failure);
    assert.throws(() => listIdentities(store.path), failure);
    await assert.rejects(saveIdentity(store.file, HUB, FULL), failure);
    await assert.rejects(updateIdentity(store.file, HUB, () => FULL), failure);
    await assert.rejects(removeIdentities(store.file, "all"), failure);
    await assert.rejects(removeIdentities(store.file, new Set([HUB])), failure);
    assert.deepEqual(Deno.readFileSync(store.path), bytes);
    assert.deepEqual(store.names().filter((name) => name !== ".identity.lock"), ["identity.toml"]);

    const aside = await moveCorruptAside(store.file, new Date(0));
    assert(aside !== undefined);
    assert.deepEqual(Deno.readFileSync(aside), bytes);
    assertMode(aside, 0o600);
    await saveIdentity(store.file, HUB, FULL);
    assert.equal((listIdentities(store.path)).identities.length, 1);
  });
}

Deno.test("a valid file is not moved aside", async () => {
  for (const content of [undefined, "", '["musehub.ai"]\ntype = "robot"\n']) {
    using store = new Store(content);
    assert.equal(await moveCorruptAside(store.file, new Date(0)), undefined);
    if (content !== undefined) assert.equal(store.read(), content);
  }
});

Deno.test("a symlink is neither read nor written", async () => {
  using store = new Store();
  const elsewhere = `${store.folder}/elsewhere`;
  Deno.writeTextFileSync(elsewhere, `["musehub.ai"]\ntoken = "a"\n`);
  Deno.symlinkSync(elsewhere, store.path);
  const failure = isFileFailure(/symlink/);
  assert.throws(() => findIdentity(store.path, HUB), failure);
  await assert.rejects(saveIdentity(store.file, HUB, FULL), failure);
  await assert.rejects(removeIdentities(store.file, "all"), failure);
  await assert.rejects(moveCorruptAside(store.file, new Date(0)), failure);
  assert.equal(Deno.readTextFileSync(elsewhere), `["musehub.ai"]\ntoken = "a"\n`);
});

Deno.test("the file and its lock become private", async () => {
  using store = new Store(`["musehub.ai"]\ntoken = "a"\n`);
  Deno.chmodSync(store.path, 0o644);
  Deno.chmodSync(store.folder, 0o755);
  await saveIdentity(store.file, HUB, { name: "A" });
  const modeOf = (path: string) => (Deno.statSync(path).mode ?? 0) & 0o7777;
  assert.equal(modeOf(store.folder), 0o700);
  for (const name of store.names()) assert.equal(modeOf(`${store.folder}/${name}`), 0o600);
  assert.deepEqual(store.names(), [".identity.lock", "identity.toml"]);
});

Deno.test("hubs with names of JavaScript properties are ordinary hubs", async () => {
  using store = new Store();
  for (const hub of ["__proto__", "constructor", "hasownproperty"]) {
    assert.equal(findIdentity(store.path, hub), undefined);
    await saveIdentity(store.file, hub, { token: new Sensitive(`of-${hub}`) });
  }
  for (const hub of ["__proto__", "constructor", "hasownproperty"]) {
    assert.equal((findIdentity(store.path, hub))?.token?.reveal(), `of-${hub}`);
  }
  assert.equal(findIdentity(store.path, "tostring"), undefined);
  assert.equal(Reflect.get({}, "token"), undefined);
  assert.deepEqual(await removeIdentities(store.file, new Set(["__proto__"])), ["__proto__"]);
  assert.equal((listIdentities(store.path)).identities.length, 2);
});

Deno.test("every identity is read back as stored, also by an independent parser", async () => {
  const text = fc.oneof(
    fc.string({ unit: "grapheme", minLength: 1 }),
    fc.string({ unit: "binary", minLength: 1 }).filter((text) => text.isWellFormed()),
    fc.string({ unit: "binary-ascii", minLength: 1 }),
    fc.constantFrom(
      '"',
      "\\",
      "'''",
      '"""',
      "\n[x]\n",
      "# no",
      "\uFFFD",
      "\x7f",
      "\u0085",
      "\u2028",
    ),
  );
  const token = text.map((text) => text.replace(/[\s\p{Cc}]/gu, "")).filter(isToken);
  const change = fc.record({
    type: fc.constantFrom<"human" | "agent">("human", "agent"),
    name: text,
    id: text,
    token: fc.oneof(token, fc.constant("")),
    capabilities: fc.array(text, { maxLength: 3 }),
    expiresAt: fc.date({
      min: new Date("1970-01-01"),
      max: new Date("9999-12-31"),
      noInvalidDate: true,
    }),
  }, { requiredKeys: [] });
  const hubs = fc.constantFrom("musehub.ai", "[::1]:8000", "a.example", "localhost", "__proto__");
  const steps = fc.array(fc.tuple(hubs, change), { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(steps, async (steps) => {
      using store = new Store();
      const wanted = new Map<string, Record<string, unknown>>();
      for (const [hub, { token, ...change }] of steps) {
        await saveIdentity(store.file, hub, {
          ...change,
          ...(token !== undefined && { token: new Sensitive(token) }),
        });
        const before = wanted.get(hub);
        const isSame = token === undefined || token === (before?.token ?? "");
        const { expiresAt = isSame ? before?.expiresAt : undefined } = change;
        wanted.set(hub, {
          type: "human",
          ...before,
          ...change,
          ...(token !== undefined && { token }),
          expiresAt,
        });
      }
      for (const [hub, { token, expiresAt, ...texts }] of wanted) {
        const found = findIdentity(store.path, hub);
        assert.equal(found?.token?.reveal() ?? "", token ?? "");
        const { type, name, id, capabilities } = found ?? {};
        assert.deepEqual(
          { type, name, id, capabilities },
          { name: undefined, id: undefined, capabilities: [], ...texts },
        );
        assert.deepEqual(found?.expiresAt, expiresAt);
        const other: Record<string, Record<string, unknown>> = parseIndependently(store.read());
        assert.deepEqual({ ...other[hub] }, {
          ...texts,
          ...(token !== undefined && { token }),
          ...(expiresAt instanceof Date && { expires_at: expiresAt.toISOString() }),
        });
      }
      assert.equal((listIdentities(store.path)).identities.length, wanted.size);
      assert.deepEqual(
        (await removeIdentities(store.file, "all")).sort(),
        [...wanted.keys()].sort(),
      );
      assert.equal(store.read().trim(), "");
    }),
    { numRuns: 100 },
  );
});

const coverings: [capabilities: string[], needed: string, covered: boolean][] = [
  [["read:*"], "read:anything", true],
  [["read:*"], "read:a:b", true],
  [["read:*"], "read:*", true],
  [["read:*"], "read", false],
  [["read:*"], "reads:x", false],
  [["read:*"], "write:x", false],
  [["read:a:*"], "read:a:b", true],
  [["read:a:*"], "read:b", false],
  [["*"], "anything", true],
  [["*"], "read:*", true],
  [["commit"], "commit", true],
  [["commit"], "commit:x", false],
  [["commit"], "Commit", false],
  [["read:x"], "read:*", false],
  [["read:x"], "*", false],
  [["rea*"], "read", false],
  [["*:x"], "read:x", false],
  [[":*"], ":x", true],
  [[], "commit", false],
  [["write:midi", "read:*"], "read:x", true],
];
for (const [capabilities, needed, covered] of coverings) {
  Deno.test(`${JSON.stringify(capabilities)} ${covered ? "covers" : "does not cover"} ${needed}`, () => {
    assert.equal(covers(capabilities, needed), covered);
  });
}
