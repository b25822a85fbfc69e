import assert from "node:assert/strict";
import { listen, type Listening } from "../../src/system/listen.ts";
import { isAvailable } from "../support/test_machine.ts";

const OPTIONS = { hostname: "127.0.0.1", port: 0, env: {} };
const hasIpv6 = isAvailable("IPv6", () => {
  Deno.listen({ hostname: "::1", port: 0 }).close();
  return true;
});
const LISTEN = new URL("../../src/system/listen.ts", import.meta.url).href;

/** A server that responds with the URL of the request. */
function echo(options: Partial<typeof OPTIONS> = {}): Promise<Listening> {
  return listen((_, url) => new Response(url.href), { ...OPTIONS, ...options });
}

/** Sends a raw request; returns the whole response. */
async function raw(port: number, head: readonly string[]): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const request = [...head, "Connection: close", "", ""].join("\r\n");
  await connection.write(new TextEncoder().encode(request));
  return await new Response(connection.readable).text();
}

Deno.test("listen() passes the URL of a request", async () => {
  const server = await echo();
  const { port } = server;
  for (const host of [`127.0.0.1:${port}`, "LOCALHOST", "[::1]:99", "a_b.example", "10.0.0.1:80"]) {
    const answer = await raw(port, ["GET //x/../y?z HTTP/1.1", `Host: ${host}`]);
    assert(answer.endsWith(new URL(`http://${host}//x/../y?z`).href), answer);
  }
  await server.shutdown();
  await server.finished;
});

Deno.test("listen() answers requests without one valid Host with 400", async () => {
  const server = await echo();
  const right = `Host: 127.0.0.1:${server.port}`;
  const heads = [
    [],
    ["Host:"],
    ["Host: [::1"],
    ["Host: a b"],
    ["Host: a/b?c#d"],
    ["Host: a@b"],
    ["Host: 127.0.0.1:99999"],
    ["Host: 1.2.3.4.5"],
    ["Host: ÿ"],
    [right, right],
    [right, "Host: evil.example"],
  ];
  for (const head of heads) {
    assert.match(
      await raw(server.port, ["GET / HTTP/1.1", ...head]),
      /^HTTP\/1\.1 400 /,
      `${head}`,
    );
  }
  for (const target of ["GET http://evil.example/", "CONNECT evil.example:443"]) {
    assert.match(await raw(server.port, [`${target} HTTP/1.1`, right]), /^HTTP\/1\.1 400 /, target);
  }
  assert.match(await raw(server.port, ["GET / HTTP/1.0"]), /^HTTP\/1\.[01] 400 /);
  await server.shutdown();
});

Deno.test("listen() listens at the given address in any notation", async () => {
  const hostnames = ["127.0.0.1", "127.1", "localhost", "0.0.0.0"];
  if (hasIpv6) hostnames.push("::1", "0:0:0:0:0:0:0:1", "::");
  const listening = await evaluate(`
    for (const hostname of ${JSON.stringify(hostnames)}) {
      const server = await listen(() => new Response(), { hostname, port: 0, env: {} });
      await server.shutdown();
      await server.finished;
      console.log(hostname);
    }`);
  assert.deepEqual(listening.trimEnd().split("\n"), hostnames);
});

Deno.test("listen() rejects DENO_SERVE_ADDRESS if it moves the server or adds an address", async () => {
  for (const DENO_SERVE_ADDRESS of ["tcp:0.0.0.0:0", "duplicate,tcp:0.0.0.0:0", "garbage"]) {
    const options = { ...OPTIONS, port: 1234, env: { DENO_SERVE_ADDRESS } };
    await assert.rejects(
      listen(() => new Response(), options),
      {
        kind: "usage",
        message: "DENO_SERVE_ADDRESS moves servers away from 127.0.0.1:1234",
        next: "Unset DENO_SERVE_ADDRESS and try again",
      },
    );
  }
  const server = await listen(() => new Response(), {
    ...OPTIONS,
    env: { DENO_SERVE_ADDRESS: "" },
  });
  await server.shutdown();
});

Deno.test("listen() detects that the runtime listens elsewhere", async () => {
  const program = `
    try {
      await listen(() => new Response(), { hostname: "127.0.0.1", port: 0, env: {} });
      console.log("listens");
    } catch (error) {
      console.log(error.message);
    }`;
  const moved = "DENO_SERVE_ADDRESS moves servers away from 127.0.0.1\n";
  const addresses = ["tcp:0.0.0.0:0", `unix:${await Deno.makeTempDir()}/socket`];
  // listen() does not get the variable, so it must detect the difference.
  for (const DENO_SERVE_ADDRESS of addresses) {
    assert.equal(await evaluate(program, { DENO_SERVE_ADDRESS }), moved, DENO_SERVE_ADDRESS);
  }
});

/** How long a test waits for a program. */
const PATIENCE_MS = 60_000;

/** The output of a program with `listen` and all permissions. Fails unless it exits and prints nothing on stderr. */
async function evaluate(program: string, env: Record<string, string> = {}): Promise<string> {
  const source = `const { listen } = await import(${JSON.stringify(LISTEN)});${program}`;
  const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", "--no-lock", source],
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
    signal: AbortSignal.timeout(PATIENCE_MS),
  }).output();
  assert(success, "The program did not exit");
  assert.equal(new TextDecoder().decode(stderr), "");
  return new TextDecoder().decode(stdout);
}

Deno.test("listen() reports a port in use", async () => {
  const server = await echo();
  await assert.rejects(echo({ port: server.port }), Deno.errors.AddrInUse);
  await server.shutdown();
});

Deno.test("listen() answers an exception in the handler with 500, without details", async () => {
  const answer = await evaluate(`
    const failing = () => {
      throw new Error("A mistake");
    };
    const server = await listen(failing, { hostname: "127.0.0.1", port: 0, env: {} });
    const response = await fetch("http://127.0.0.1:" + server.port);
    console.log(response.status, await response.text());
    await server.shutdown();`);
  assert.equal(answer, "500 \n");
});
