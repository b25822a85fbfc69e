// A stand-in for the server whose tool the application calls: it answers as a server of Arcade does, and sends nothing.
import { createServer } from "node:http";

const TOOL = {
  name: "Send",
  fully_qualified_name: "Mail.Send",
  description: "Send the user a mail",
  toolkit: { name: "Mail", version: "1.0.0" },
  input: {
    parameters: [{ name: "text", required: true, value_schema: { val_type: "string" } }],
  },
  output: { value_schema: { val_type: "string" } },
  requirements: {
    authorization: { provider_id: "google", provider_type: "oauth2", oauth2: { scopes: [] } },
  },
};

/** What the server answers, by request. */
const ROUTES = {
  "GET /worker/health": () => ({ status: "ok" }),
  "GET /worker/tools": () => [TOOL],
  "POST /worker/tools/invoke": ({ inputs, context }) => ({
    success: true,
    output: { value: `Mail to ${context.user_id}: ${inputs.text}` },
  }),
};

createServer(async (request, response) => {
  const body = (await request.toArray()).join("");
  const route = ROUTES[`${request.method} ${request.url}`];
  response.writeHead(route ? 200 : 404, { "content-type": "application/json" });
  response.end(JSON.stringify(route?.(body && JSON.parse(body)) ?? {}));
}).listen(Number(process.env.ARCADE_SERVER_PORT), process.env.ARCADE_SERVER_HOST);
