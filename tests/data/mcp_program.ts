/**
 * An MCP server over standard streams, with the faults that a test names as arguments. It is independent of the code that it
 * tests: it reads lines of JSON, and writes such lines. It notes what it gets in the file of its first argument.
 */

const [log = "", ...others] = Deno.args;
const faults = new Set(others);

const TOOLS = [
  {
    name: "Demo_Add",
    description: "Adds two numbers",
    inputSchema: {
      type: "object",
      properties: { a: { type: "integer" }, b: { type: "integer" } },
      required: ["a", "b"],
    },
    annotations: { readOnlyHint: true },
  },
  {
    name: "Demo_Content",
    description: "Returns content of all kinds",
    inputSchema: { type: "object", properties: { kind: { type: "string" } } },
    annotations: { readOnlyHint: true },
  },
  { name: "Demo_Hang", description: "Never returns", inputSchema: { type: "object" } },
  { name: "Demo_Die", description: "Ends the server", inputSchema: { type: "object" } },
  { name: "Demo_Fail", description: "Fails", inputSchema: { type: "object" } },
  { name: "Demo_Ask", description: "Asks its user", inputSchema: { type: "object" } },
  {
    name: "Demo_Delete",
    description: "Deletes everything",
    inputSchema: { type: "object" },
    annotations: { destructiveHint: true },
  },
  {
    name: "Demo_Secret",
    description: "Tells the length of a secret",
    inputSchema: { type: "object" },
    _meta: { arcade: { requirements: { secrets: [{ key: "TEST_SECRET" }] } } },
  },
  {
    name: "Demo_Star",
    description: "Stars a repository",
    inputSchema: {
      type: "object",
      properties: { owner: { type: "string" }, starred: { type: "boolean" } },
      required: ["owner"],
    },
    _meta: {
      arcade: {
        requirements: {
          authorization: {
            provider_id: "github",
            provider_type: "oauth2",
            oauth2: { scopes: ["repo"] },
          },
        },
      },
    },
  },
];

const CONTENT: Record<string, unknown> = {
  text: { content: [{ type: "text", text: "one" }, { type: "text", text: "two" }] },
  image: { content: [{ type: "image", data: "aGVsbG8=", mimeType: "image/png" }] },
  mixed: {
    content: [
      { type: "text", text: "A picture:" },
      { type: "image", data: "aGVsbG8=", mimeType: "image/png" },
      { type: "audio", data: "aGVsbG8=", mimeType: "audio/wav" },
      { type: "resource", resource: { uri: "file:///a.txt", text: "the text of a resource" } },
      { type: "resource", resource: { uri: "file:///b.bin", blob: "aGVsbG8=" } },
      { type: "resource_link", uri: "file:///c.txt", name: "c" },
    ],
  },
  structured: {
    content: [{ type: "text", text: '{"sum":3}' }],
    structuredContent: { sum: 3 },
  },
  hostile: { content: [{ type: "text", text: "\u001b[2Jcleared" }] },
  nothing: { content: [] },
};

const out = (text: string) => void Deno.stdout.writeSync(new TextEncoder().encode(text));
const err = (text: string) => void Deno.stderr.writeSync(new TextEncoder().encode(text));
const note = (text: string) => Deno.writeTextFileSync(log, `${text}\n`, { append: true });
const send = (message: object) => out(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);

note(`pid ${Deno.pid}`);
if (faults.has("exits")) {
  err("Cannot start: no config\n");
  Deno.exit(3);
}
if (faults.has("floods")) { for (let i = 0; i < 20_000; i++) err(`line ${i} ${"x".repeat(80)}\n`); }
if (faults.has("chats")) out('Listening…\n{"not": "a message"}\n\n');
if (faults.has("ignores-sigterm")) Deno.addSignalListener("SIGTERM", () => note("SIGTERM"));

interface Message {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: unknown;
  readonly error?: unknown;
}

let asking: number | string | undefined;

function answer({ id, method, params = {}, ...rest }: Message): void {
  if (method === undefined) {
    if (id === "ask" && asking !== undefined) {
      const text = JSON.stringify(rest);
      send({ id: asking, result: { content: [{ type: "text", text }] } });
    }
    return;
  }
  note(method);
  if (id === undefined || faults.has("hangs")) return;
  if (method === "initialize" && !faults.has("modern")) {
    const serverInfo = { name: "demo-mcp-server", version: "1.2.3" };
    const capabilities = { tools: {} };
    return send({ id, result: { protocolVersion: "2025-06-18", capabilities, serverInfo } });
  }
  if (method === "server/discover" && faults.has("modern")) {
    const meta = { "io.modelcontextprotocol/serverInfo": { name: "demo", version: "1.2.3" } };
    const result = {
      supportedVersions: ["2026-07-28"],
      capabilities: { tools: {} },
      resultType: "complete",
      ttlMs: 0,
      cacheScope: "private",
      _meta: meta,
    };
    return send({ id, result });
  }
  const whole = faults.has("modern")
    ? { resultType: "complete", ttlMs: 0, cacheScope: "private" }
    : {};
  if (method === "tools/list") return send({ id, result: { tools: TOOLS, ...whole } });
  if (method === "tools/call") return call(id, params, whole);
  send({ id, error: { code: -32601, message: `Method not found: ${method}` } });
}

function call(id: number | string, params: Record<string, unknown>, whole: object): void {
  const input = (params.arguments ?? {}) as Record<string, unknown>;
  const text = (value: string) =>
    send({ id, result: { content: [{ type: "text", text: value }], ...whole } });
  switch (params.name) {
    case "Demo_Add":
      return text(String(Number(input.a) + Number(input.b)));
    case "Demo_Content":
      if (input.kind === "huge") return text("x".repeat(33 * 1024 * 1024));
      return send({ id, result: { ...CONTENT[String(input.kind)] as object, ...whole } });
    case "Demo_Hang":
      return note("hanging");
    case "Demo_Die":
      err("Traceback: out of cheese\n");
      return Deno.exit(7);
    case "Demo_Fail":
      return send({
        id,
        result: {
          content: [{ type: "text", text: "No such repository." }],
          isError: true,
          ...whole,
        },
      });
    case "Demo_Ask": {
      asking = id;
      const requestedSchema = { type: "object", properties: {} };
      const method = faults.has("samples") ? "sampling/createMessage" : "elicitation/create";
      const asked = faults.has("samples")
        ? { messages: [{ role: "user", content: { type: "text", text: "Hi" } }], maxTokens: 5 }
        : { message: "Sure?", requestedSchema };
      return send({ id: "ask", method, params: asked });
    }
    case "Demo_Delete":
      return text("gone");
    case "Demo_Secret":
      return text(String(Deno.env.get("TEST_SECRET")?.length));
    case "Demo_Star": {
      const { owner, starred = true } = input;
      return text(`${starred ? "Starred" : "Unstarred"} for ${owner}`);
    }
  }
  send({ id, error: { code: -32602, message: `Unknown tool: ${params.name}` } });
}

let buffered = "";
for await (const piece of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
  const lines = (buffered + piece).split("\n");
  buffered = lines.pop() ?? "";
  for (const line of lines) answer(JSON.parse(line));
}
note("stdin closed");
if (faults.has("lingers")) await new Promise((resolve) => setTimeout(resolve, 600_000));
