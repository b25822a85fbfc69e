// Asks for grants with @arcadeai/arcadejs, decides on their pages as a user does, and prints what came back.
import Arcade from "@arcadeai/arcadejs";
import { executeOrAuthorizeZodTool, toZodToolSet } from "@arcadeai/arcadejs/lib/index";

const [uri, secret] = process.argv.slice(2);
const arcade = new Arcade();
const user_id = "ada@example.com";
const star = { tool_name: "Demo.Star", input: {}, user_id };

/** Presses a button on the page of an authorization. */
async function press(authorization, decision) {
  const flow_id = new URL(authorization.url).searchParams.get("flow_id");
  const body = new URLSearchParams({ flow_id, decision });
  await fetch(new URL("/grants/decision", authorization.url), { method: "POST", body, redirect: "manual" });
}

const results = {};
await arcade.workers.create({ id: "demo", http: { uri, secret, timeout: 30, retry: 3 } });
results.refused = await arcade.tools.execute(star).catch((error) => error.constructor.name);
const definitions = (await arcade.tools.list({ toolkit: "Demo" })).items;
const careful = toZodToolSet({
  tools: definitions,
  client: arcade,
  userId: user_id,
  executeFactory: executeOrAuthorizeZodTool,
});
results.careful = (await careful.Demo_Star.execute({})).authorization_required;

const asked = await arcade.tools.authorize({ tool_name: "Demo.Star", user_id });
results.asked = [asked.status, asked.scopes];
const completion = arcade.auth.waitForCompletion(asked);
await press(asked, "allow");
const completed = await completion;
results.completed = completed.status;
results.hasToken = (await arcade.tools.execute(star)).output.value === completed.context.token;
results.again = (await arcade.auth.waitForCompletion(await arcade.auth.start(user_id, "github", { scopes: ["repo"] }))).status;
results.needless = (await arcade.tools.authorize({ tool_name: "Demo.Greet", user_id })).status;

const denied = await arcade.auth.start(user_id, "google", { scopes: ["openid"] });
await press(denied, "deny");
results.denied = (await arcade.auth.status({ id: denied.id, wait: 1 })).status;
const raw = await arcade.auth.authorize({
  user_id: "bob@example.com",
  auth_requirement: { provider_id: "github", provider_type: "oauth2", oauth2: { scopes: ["repo"] } },
});
results.raw = raw.status;

const connections = await arcade.admin.userConnections.list({ user_id, provider_id: "github" });
results.connections = [];
for await (const one of connections) {
  results.connections.push([one.user_id, one.provider_id, one.scopes]);
  await arcade.admin.userConnections.delete(one.id);
}
results.revoked = await arcade.tools.execute(star).catch((error) => error.constructor.name);

const { authProviders } = arcade.admin;
await authProviders.create({ id: "hub", oauth2: { client_id: "c", client_secret: "s" } });
results.patched = (await authProviders.patch("hub", { description: "Ours" })).description;
results.provider = (await authProviders.get("hub")).oauth2.client_secret.exists;
results.providers = (await authProviders.list()).items.map(({ id }) => id);
results.removed = (await authProviders.delete("hub")).id;

await arcade.put("/v1/admin/settings/session_verification", {
  body: { verifier_url: "http://127.0.0.1:9/verify" },
});
await press(raw, "allow");
const flow_id = new URL(raw.url).searchParams.get("flow_id");
results.mismatch = await arcade.auth.confirmUser({ flow_id, user_id }).catch((error) => error.constructor.name);
results.confirmed = (await arcade.auth.confirmUser({ flow_id, user_id: "bob@example.com" })).auth_id === raw.id;
results.afterwards = (await arcade.auth.waitForCompletion(raw.id)).status;
console.log(JSON.stringify(results));
