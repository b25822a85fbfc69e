// Gives the tools to a model, and calls those that it chooses.
import Arcade from "@arcadeai/arcadejs";
import { executeOrAuthorizeZodTool, toZodToolSet } from "@arcadeai/arcadejs/lib/index";

const client = new Arcade();

/** What a model answers: the names of tools, and their inputs. */
function answerOfModel(names) {
  return [
    { name: names.at(0), input: { name: "Grace" } },
    { name: names.at(-1), input: { repository: "grace/compiler" } },
  ];
}

const { items } = await client.tools.list({ toolkit: "Demo" });
const tools = toZodToolSet({
  tools: items,
  client,
  userId: process.env.ARCADE_USER_ID,
  executeFactory: executeOrAuthorizeZodTool,
});
for (const { name, input } of answerOfModel(Object.keys(tools))) {
  const result = await tools[name].execute(input);
  console.log(
    result.authorization_required
      ? `${name} needs a grant: pending`
      : `${name}: ${result.output.value}`,
  );
}
