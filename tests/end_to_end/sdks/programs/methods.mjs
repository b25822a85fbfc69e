// Uses every method of @arcadeai/arcadejs that the local Arcade emulates, and prints what came back.
import Arcade from "@arcadeai/arcadejs";
import { executeOrAuthorizeZodTool, toZodToolSet } from "@arcadeai/arcadejs/lib/index";

const [uri, secret, mcpUri] = process.argv.slice(2);
const arcade = new Arcade();
const user_id = process.env.ARCADE_USER_ID;

async function failure(work) {
  try {
    return { result: await work() };
  } catch (error) {
    return { class: error.constructor.name, status: error.status, name: error.error?.name };
  }
}

async function all(page) {
  const items = [];
  for await (const item of page) items.push(item);
  return items;
}

const results = {};
results.health = await arcade.health.check();
results.created = await arcade.workers.create({
  id: "demo",
  type: "http",
  http: { uri, secret, timeout: 30, retry: 3 },
});
results.createdMcp = await arcade.workers.create({
  id: "weather",
  type: "mcp",
  mcp: { uri: mcpUri, timeout: 30, retry: 3 },
});
results.changed = await arcade.workers.update("demo", { http: { timeout: 60 } });
results.workers = (await all(arcade.workers.list({ limit: 1 }))).map(({ id }) => id);
results.worker = (await arcade.workers.get("demo")).type;
results.workerHealth = await arcade.workers.health("demo");
results.workerTools = (await all(arcade.workers.tools("demo", { limit: 2 }))).map(({ name }) => name);

const secretKey = await arcade.admin.secrets.create("DEMO_KEY", { value: "four", description: "d" });
results.secrets = (await arcade.admin.secrets.list()).items.map(({ key }) => key);

results.tools = (await all(arcade.tools.list({ limit: 2, toolkit: "Demo", user_id }))).map((tool) => [
  tool.fully_qualified_name,
  tool.requirements.met,
]);
results.formats = Object.keys(
  (await arcade.tools.list({ include_format: ["openai", "anthropic"], include_all_versions: true }))
    .items[0].formatted_schema,
);
results.tool = (await arcade.tools.get("Demo_Greet", { include_format: ["openai"] })).qualified_name;
results.formatted = await arcade.tools.formatted.get("Demo.Greet", { format: "openai" });
results.formattedList = (await all(arcade.tools.formatted.list({ format: "anthropic", limit: 3 })))
  .map(({ name }) => name);

const execute = async (tool_name, input = {}, more = {}) => {
  const { success, output } = await arcade.tools.execute({ tool_name, input, user_id, ...more });
  return { success, value: output.value, kind: output.error?.kind };
};
results.executed = {
  greet: await execute("Demo.Greet", { name: "Ada", times: 2 }),
  underscore: await execute("Demo_Greet", { name: "Ada" }),
  versioned: await execute("Demo.Greet@1.2.3", { name: "Ada" }),
  secret: await execute("Demo.LengthOfSecret"),
  failed: await execute("Demo.Fail"),
  input: await execute("Demo.Greet", { times: "x" }),
  mcp: await execute("Weather.forecast", { place: "Rome" }),
};
const scheduled = await arcade.tools.execute({
  tool_name: "Demo.Greet",
  input: { name: "Ada" },
  run_at: "2020-01-01T00:00:00",
});
results.scheduled = scheduled.execution_type;
let detail;
do detail = await arcade.tools.scheduled.get(scheduled.id);
while (["pending", "running"].includes(detail.execution_status));
results.ran = [detail.execution_status, detail.attempts[0].output.value];
results.scheduledList = (await all(arcade.tools.scheduled.list({ limit: 1 }))).length;

const definitions = (await arcade.tools.list({ toolkit: "Demo" })).items;
const zodTools = toZodToolSet({ tools: definitions, client: arcade, userId: user_id });
results.zod = (await zodTools.Demo_Greet.execute({ name: "Zod" })).output.value;
const careful = toZodToolSet({
  tools: definitions,
  client: arcade,
  userId: user_id,
  executeFactory: executeOrAuthorizeZodTool,
});
results.zodCareful = (await careful.Demo_Greet.execute({ name: "Zod" })).output.value;

const stranger = new Arcade({ apiKey: "arc_local_unknown" });
const http = { uri, secret, timeout: 30, retry: 3 };
results.failures = {
  unknownTool: await failure(() => arcade.tools.get("Demo.Nothing")),
  unknownVersion: await failure(() => execute("Demo.Greet", {}, { tool_version: "9.9.9" })),
  malformed: await failure(() => execute("my-kit.Greet")),
  grant: await failure(() => execute("Demo.Star")),
  key: await failure(() => stranger.tools.list()),
  taken: await failure(() => arcade.workers.create({ id: "demo", http })),
  invalid: await failure(() => arcade.workers.create({ id: "other", http: { uri } })),
  chat: await failure(() => arcade.chat.completions.create({ messages: [] })),
};
await arcade.admin.secrets.delete(secretKey.id);
results.missingSecret = await failure(() => execute("Demo.LengthOfSecret"));
await arcade.workers.delete("weather");
await arcade.workers.delete("demo");
results.left = (await arcade.workers.list()).items.length;
console.log(JSON.stringify(results));
