import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";

// A server with a tool that proves that it has a secret.
const server = new McpServer({ name: "weather", version: "1.0.0" });
server.registerTool("length_of_secret", { description: "Counts a secret" }, () => ({
  content: [{ type: "text", text: String(process.env.SECRET?.length) }],
}));
await server.connect(new StdioServerTransport());
