// Signs in to a gateway with the official client of MCP, and lists and calls a tool. Prints what it got as JSON.
// Usage: mcp_client.mjs 1|2 ADDRESS [ERA]

const [generation, address, era = "legacy"] = process.argv.slice(2);
const redirectUrl = "http://127.0.0.1:33418/callback";

async function load() {
  if (generation === "2") return await import("@modelcontextprotocol/client");
  const { Client } = await import("@modelcontextprotocol/sdk/client/index.js");
  const http = await import("@modelcontextprotocol/sdk/client/streamableHttp.js");
  const { UnauthorizedError } = await import("@modelcontextprotocol/sdk/client/auth.js");
  return { Client, UnauthorizedError, ...http };
}

const { Client, UnauthorizedError, StreamableHTTPClientTransport } = await load();
const { ARCADE_API_KEY, ARCADE_USER_ID } = process.env;
const stored = {};
let callback;
const authProvider = {
  redirectUrl,
  clientMetadata: { client_name: "A test", redirect_uris: [redirectUrl] },
  clientInformation: () => stored.client,
  saveClientInformation: (client) => void (stored.client = client),
  tokens: () => stored.tokens,
  saveTokens: (tokens) => void (stored.tokens = tokens),
  saveCodeVerifier: (verifier) => void (stored.verifier = verifier),
  codeVerifier: () => stored.verifier,
  // The browser of a user who approves.
  async redirectToAuthorization(url) {
    const answer = await fetch(url, { redirect: "manual" });
    callback = new URL(answer.headers.get("location")).searchParams;
  },
};

const options = address.endsWith("/header")
  ? {
    requestInit: {
      headers: { authorization: `Bearer ${ARCADE_API_KEY}`, "arcade-user-id": ARCADE_USER_ID },
    },
  }
  : { authProvider };
const open = () => new StreamableHTTPClientTransport(new URL(address), options);
const newClient = () =>
  new Client({ name: "test", version: "1" }, {
    ...(era === "legacy" ? {} : { versionNegotiation: { mode: { pin: era } } }),
  });
let client = newClient();
const transport = open();
let isAsked = false;
try {
  await client.connect(transport);
} catch (error) {
  if (!(error instanceof UnauthorizedError)) throw error;
  isAsked = true;
  await transport.finishAuth(generation === "2" ? callback : callback.get("code"));
  client = newClient();
  await client.connect(open());
}
const { tools } = await client.listTools();
const called = await client.callTool({ name: "Weather_forecast", arguments: { place: "Rome" } });
const failed = await client.callTool({ name: "Weather_nothing" }).catch((error) => error.code);
console.log(JSON.stringify({
  isAsked,
  expires: stored.tokens?.expires_in,
  tools: tools.map(({ name }) => name),
  text: called.content[0].text,
  failed,
}));
await client.close();
