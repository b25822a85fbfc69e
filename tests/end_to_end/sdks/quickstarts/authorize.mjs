// Asks the user for a grant, waits for it, and calls the tool that needs it.
import Arcade from "@arcadeai/arcadejs";

const client = new Arcade();
const user_id = process.env.ARCADE_USER_ID;

const authorization = await client.tools.authorize({ tool_name: "Demo.Star", user_id });
if (authorization.status !== "completed") console.log(`Open ${authorization.url}`);
await client.auth.waitForCompletion(authorization);

const starred = await client.tools.execute({
  tool_name: "Demo.Star",
  input: { repository: "ada/engine" },
  user_id,
});
console.log(starred.output.value);

// An application can also use the token of the user itself.
const direct = await client.auth.start(user_id, "github", { scopes: ["repo"] });
const { context } = await client.auth.waitForCompletion(direct);
console.log(context.token ? "Got a token" : "Got no token");
