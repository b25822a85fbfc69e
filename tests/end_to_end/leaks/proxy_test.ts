import assert from "node:assert/strict";
import { isAvailable, TestMachine } from "../../support/test_machine.ts";
import { TelemetryMachine, withoutSenders } from "../../support/telemetry_machine.ts";
import { Services } from "../../support/services.ts";

/** A proxy that refuses all requests and records their first lines. */
class Proxy implements Disposable {
  readonly seen: string[] = [];
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly url = `http://127.0.0.1:${this.#listener.addr.port}`;

  constructor() {
    this.#serve();
  }

  async #serve(): Promise<void> {
    for await (const connection of this.#listener) {
      using _connection = connection;
      const buffer = new Uint8Array(4096);
      const count = await connection.read(buffer) ?? 0;
      const [line = ""] = new TextDecoder().decode(buffer.subarray(0, count)).split("\r\n");
      this.seen.push(line);
      const refusal = "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
      await connection.write(new TextEncoder().encode(refusal));
    }
  }

  [Symbol.dispose](): void {
    this.#listener.close();
  }
}

const VARIABLES = [
  "HTTP_PROXY",
  "http_proxy",
  "HTTPS_PROXY",
  "https_proxy",
  "ALL_PROXY",
  "all_proxy",
];

Deno.test("requests to this machine use no proxy", async (t) => {
  await using machine = await TestMachine.loggedIn();
  using proxy = new Proxy();
  for (
    const others of [{}, { NO_PROXY: "example.com" }, { no_proxy: "example.com" }, { NO_PROXY: "" }]
  ) {
    const env = {
      ...Object.fromEntries(VARIABLES.map((name) => [name, proxy.url])),
      ...others,
    };
    await t.step(JSON.stringify(others), async () => {
      assert.equal((await machine.run(["secret", "set", "KEY=value"], { env })).code, 0);
      machine.makeTokenDue();
      assert.equal((await machine.run(["org", "list"], { env })).code, 0);
      const { port } = new URL(machine.server.url);
      for (const host of ["localhost", "127.0.0.1"]) {
        const args = ["secret", "list", "--host", host, "--port", port, "--no-tls"];
        assert.equal((await machine.run(args, { env })).code, 0);
      }
      assert.equal((await machine.run(["logout"], { env })).code, 0);
      await machine.logIn({ env });
    });
  }
  assert.deepEqual(proxy.seen, []);
});

const withoutIpv6 = !isAvailable("IPv6", () => {
  Deno.listen({ hostname: "::1", port: 0 }).close();
  return true;
});

Deno.test({ name: "requests to ::1 use no proxy", ignore: withoutIpv6 }, async () => {
  await using machine = new TestMachine();
  using proxy = new Proxy();
  await using engine = new Services(undefined, { hostname: "::1" });
  const env = {
    ...Object.fromEntries(VARIABLES.map((name) => [name, proxy.url])),
    ARCADE_TOKEN: "token",
  };
  const args = ["secret", "list", "--host", new URL(engine.url).host, "--no-tls"];
  const { code, stderr } = await machine.run(args, { env });
  assert.equal(code, 0, stderr);
  assert.deepEqual(proxy.seen, []);
});

Deno.test("requests to other machines use the proxy, except for hosts in NO_PROXY", async () => {
  await using machine = new TestMachine();
  machine.env.ARCADE_TOKEN = "token";
  using proxy = new Proxy();
  const list = ["secret", "list", "--host", "arcade.invalid"];
  for (const name of ["HTTPS_PROXY", "ALL_PROXY"]) {
    const env = { [name]: proxy.url };
    assert.equal((await machine.run(list, { env })).code, 7);
    assert.equal(proxy.seen.pop(), "CONNECT arcade.invalid:443 HTTP/1.1");
    for (const no of ["NO_PROXY", "no_proxy"]) {
      const { code, stderr } = await machine.run(list, { env: { ...env, [no]: "arcade.invalid" } });
      assert.equal(code, 7);
      assert.match(stderr, /unknown host/);
    }
  }
  assert.deepEqual(proxy.seen, []);
});

Deno.test(
  { name: "telemetry to this machine uses no proxy", ignore: withoutSenders },
  async () => {
    await using machine = await TelemetryMachine.start();
    using proxy = new Proxy();
    const env = Object.fromEntries(VARIABLES.map((name) => [name, proxy.url]));
    const { arrived } = await machine.report(["whoami"], { env });
    assert.equal(arrived.length, 1);
    assert.deepEqual(proxy.seen, []);
  },
);
