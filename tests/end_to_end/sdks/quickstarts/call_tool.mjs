// Calls tools, as the quickstart does.
import Arcade from "@arcadeai/arcadejs";

const client = new Arcade();
const user_id = process.env.ARCADE_USER_ID;

for await (const tool of client.tools.list({ toolkit: "Demo" })) {
  console.log(`${tool.qualified_name}: ${tool.description}`);
}

const greeting = await client.tools.execute({
  tool_name: "Demo.Greet",
  input: { name: "Ada" },
  user_id,
});
console.log(greeting.output.value);

const length = await client.tools.execute({ tool_name: "Demo.RevealLength", user_id });
console.log(length.output.value);
