// Lists and calls a tool of a server on the standard streams with the official client of MCP. Prints what it got as JSON.
// Usage: mcp_stdio.mjs 1|2 ERA COMMAND...

const [generation, era, command, ...args] = process.argv.slice(2);
const isFirst = generation === "1";
const { Client } = await import(
  isFirst ? "@modelcontextprotocol/sdk/client/index.js" : "@modelcontextprotocol/client"
);
const { StdioClientTransport } = await import(
  isFirst ? "@modelcontextprotocol/sdk/client/stdio.js" : "@modelcontextprotocol/client/stdio"
);
const client = new Client({ name: "test", version: "1" }, {
  ...(era === "legacy" ? {} : { versionNegotiation: { mode: { pin: era } } }),
});
await client.connect(new StdioClientTransport({ command, args, env: { ...process.env } }));
const { tools } = await client.listTools();
const called = await client.callTool({ name: "Weather_forecast", arguments: { place: "Rome" } });
console.log(JSON.stringify({
  tools: tools.map(({ name }) => name),
  text: called.content[0].text,
}));
await client.close();
