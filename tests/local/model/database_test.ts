import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { DatabaseSync } from "node:sqlite";
import { Fields } from "../../../src/contract/fields.ts";
import { LocalArcadeError } from "../../../src/local/mod.ts";
import { call, type Fixture, refresh, secretsUrl, start, whoAmI } from "../harness.ts";

const VERSION_1 = Deno.readTextFileSync(new URL("version_1.sql", import.meta.url));
/** The data of that database in clear text; the database has it encrypted or hashed. */
const SESSION = {
  access: "arcl_at_em3QvFLZ1_3CwX4Y7xwL4dYzl6gbZL69IB5hMcCydNU",
  refresh: "arcl_rt_JWmcEqDR1MvXRNziN-61Ps1EQl2Sx0d8yEZrHfrn1Ns",
  account: "0a3e06b2-fe64-4e57-bf3a-a0c76679c631",
  org: "41ce2b4a-3709-408b-ab2b-198287681b77",
  project: "14dc4a86-40e3-443f-a76c-abbf32df9f36",
};
const API_KEY = "arc_local_iDG8KYVMQjcC519ipKn9D9a1M_WMutPvSSySnGW8jEk";
const ENCRYPTION_KEY = "a25e140a062b984961493a971c3e7de4a3cd485d7802bda8d1d20d324e9447bf";

/** Replaces the database by one of version 1; `sql` changes it further. */
async function downgrade(fixture: Fixture, sql = ""): Promise<void> {
  await fixture.arcade.stop();
  for (const { name } of Deno.readDirSync(fixture.dataDir)) {
    Deno.removeSync(`${fixture.dataDir}/${name}`);
  }
  Deno.writeFileSync(`${fixture.dataDir}/encryption.key`, Buffer.from(ENCRYPTION_KEY, "hex"));
  inDatabase(fixture, (database) => {
    database.exec(`PRAGMA journal_mode = WAL; ${VERSION_1} ${sql}`);
  });
}

function inDatabase<T>(fixture: Fixture, work: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(`${fixture.dataDir}/arcade.db`);
  try {
    return work(database);
  } finally {
    database.close();
  }
}

/** The version and all rows of all tables. */
function contents(fixture: Fixture): Record<string, unknown> {
  return inDatabase(fixture, (database) => {
    const all = (sql: string) => database.prepare(sql).all();
    const tables = all("SELECT name FROM sqlite_master WHERE type = 'table'");
    const rows = tables.map((
      { name },
    ) => [name, all(`SELECT * FROM ${name}`).map((row) => ({ ...row }))]);
    return { ...all("PRAGMA user_version")[0], ...Object.fromEntries(rows) };
  });
}

Deno.test("a migrated database of version 1 keeps every row and stores events", async () => {
  await using fixture = await start();
  await downgrade(fixture);
  const before = contents(fixture);
  assert.equal(before.user_version, 1);
  await fixture.restart();
  const added = {
    authorizations: [],
    clients: [],
    connections: [],
    events: [],
    gateways: [],
    profiles: [],
    providers: [],
    registered_servers: [],
    releases: [],
    scheduled_calls: [],
    servers: [],
    verifications: [],
  };
  const withoutGateway = (table: string) =>
    new Fields(before).requiredList(table).map(({ mapping }) => ({ ...mapping, gateway_id: null }));
  const changed = {
    codes: withoutGateway("codes"),
    grants: withoutGateway("grants"),
    pending_authorizations: withoutGateway("pending_authorizations"),
    device_codes: new Fields(before).requiredList("device_codes").map(({ mapping }) => ({
      ...mapping,
      code_challenge: null,
    })),
  };
  const after = contents(fixture);
  const { api_keys: _keys, ...others } = after;
  const { api_keys: keys, ...unchanged } = before;
  assert.deepEqual(others, { ...unchanged, user_version: 7, ...added, ...changed });
  const [kept, ...more] = new Fields(after).requiredList("api_keys").map(({ mapping }) => mapping);
  assert.deepEqual([kept], keys);
  assert.deepEqual(more.map(({ account_id }) => account_id), [SESSION.account], "that of env.json");

  const { url } = fixture;
  assert.equal((await whoAmI(url, SESSION.access)).at("data", "account_id"), SESSION.account);
  assert.equal((await refresh(url, SESSION.refresh)).status, 200);
  const list = await call(secretsUrl(url, SESSION), { token: API_KEY });
  assert.equal(list.at("items", 0, "key"), "API_KEY");
  assert.equal(list.at("items", 0, "hint"), "~zQ~");

  const batch = [{ event: "e", distinct_id: "d", properties: { $process_person_profile: false } }];
  const sent = await call(`${url}/batch/`, { method: "POST", json: { api_key: "phc_x", batch } });
  assert.equal(sent.status, 200);
  await fixture.restart();
  assert.equal((await call(`${fixture.url}/api/v1/events`)).at("data", "items", 0, "event"), "e");
});

Deno.test("a migration that fails midway changes nothing", async () => {
  await using fixture = await start();
  await downgrade(fixture, "CREATE TABLE profiles (in_the_way TEXT);");
  const before = contents(fixture);
  await assert.rejects(
    fixture.restart(),
    (error) => error instanceof LocalArcadeError && error.reason === "data-unreadable",
  );
  assert.deepEqual(contents(fixture), before);
});

Deno.test("a new database and a migrated one have the same tables", async () => {
  await using fresh = await start();
  await using migrated = await start();
  await downgrade(migrated);
  await migrated.restart();
  const schema = (fixture: Fixture) =>
    inDatabase(fixture, (database) => {
      return database.prepare("SELECT type, name, sql FROM sqlite_master ORDER BY name").all();
    });
  assert.deepEqual(schema(migrated), schema(fresh));
});
