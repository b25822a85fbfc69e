import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { readFileSync } from "node:fs";

// Starts the server in a client's file, with the few variables that the SDK passes on, and calls its tool.
const [file, name] = process.argv.slice(2);
const { command, args } = JSON.parse(readFileSync(file, "utf8")).mcpServers[name];
const client = new Client({ name: "test", version: "1.0.0" });
await client.connect(new StdioClientTransport({ command, args }));
const { tools } = await client.listTools();
const { content } = await client.callTool({ name: tools[0].name, arguments: {} });
console.log(JSON.stringify({ tool: tools[0].name, text: content[0].text }));
await client.close();
