import assert from "node:assert/strict";
import { Answers, closedPort, RawAnswers } from "../../support/answers.ts";
import { makeCertificates, withoutOpenssl } from "../../support/certificates.ts";
import { TelemetryMachine, withoutSenders } from "../../support/telemetry_machine.ts";
import { assertRefused, isAvailable, TestMachine } from "../../support/test_machine.ts";
import { NOT_LOGGED_IN } from "../../support/not_logged_in.ts";

const LIST = ["secret", "list", "--host", "arcade.invalid"];
const KEY = { ARCADE_API_KEY: "arc_key" };

/** A server of this machine at an address that is not one of this machine to proxies: no `NO_PROXY` has it. */
class Mapped implements Disposable {
  connections = 0;
  readonly host: string;
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });

  constructor() {
    this.host = `[::ffff:127.0.0.1]:${this.#listener.addr.port}`;
    this.#serve();
  }

  async #serve(): Promise<void> {
    for await (const connection of this.#listener) {
      this.connections++;
      connection.close();
    }
  }

  [Symbol.dispose](): void {
    this.#listener.close();
  }
}

const withoutMapped = !isAvailable("IPv6, for addresses of IPv4 in it", () => {
  Deno.listen({ hostname: "::1", port: 0 }).close();
  return true;
});

const BAD_GATEWAY = "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n";
const NOT_AUTHORIZED =
  'HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic realm="x"\r\n\r\n';
const REFUSED = "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n";
const NO_CONNECTION =
  /The proxy ADDRESS did not connect to https:\/\/arcade\.invalid\n {2}Check HTTPS/;

/** Proxies that fail: their scheme, what they answer (undefined if they do not run), and what is reported. */
const FAILURES: [name: string, scheme: string, answer: string | undefined, reason: RegExp][] = [
  [
    "does not run",
    "http",
    undefined,
    /Cannot reach the proxy ADDRESS: connection refused\n {2}Check HTTPS_PROXY/,
  ],
  [
    "does not run, with TLS",
    "https",
    undefined,
    /Cannot reach the proxy ADDRESS: connection refused/,
  ],
  [
    "does not run, with SOCKS",
    "socks5",
    undefined,
    /Cannot reach the proxy ADDRESS: connection refu/,
  ],
  [
    "rejects the user",
    "http",
    NOT_AUTHORIZED,
    /The proxy ADDRESS rejected the user or password \(407\)\n {2}Set them in HTTPS_PROXY/,
  ],
  ["refuses the host", "http", REFUSED, NO_CONNECTION],
  ["cannot connect", "http", BAD_GATEWAY, NO_CONNECTION],
  ["closes the connection", "http", "", NO_CONNECTION],
  ["is no proxy", "http", "SSH-2.0-OpenSSH_9.2\r\n", NO_CONNECTION],
  ["is no SOCKS proxy", "socks5", "HTTP/1.1 400 Bad Request\r\n\r\n", NO_CONNECTION],
  ["rejects the SOCKS method", "socks5", "\x05\xff", /The proxy ADDRESS (?:rejected|did not)/],
  [
    "uses no TLS",
    "https",
    REFUSED,
    /Cannot reach the proxy ADDRESS: TLS failed, the server does not use TLS\n {2}Check HTTPS_PROXY/,
  ],
];

for (const [name, scheme, answer, reason] of FAILURES) {
  Deno.test(`a proxy that ${name} is reported, without its password`, async () => {
    await using machine = new TestMachine();
    using proxy = answer === undefined ? undefined : new RawAnswers(answer);
    const port = proxy ? new URL(proxy.url).port : closedPort();
    const env = {
      ...KEY,
      HTTPS_PROXY: `${scheme}://canary-user:canary-password@127.0.0.1:${port}`,
    };
    const ran = await machine.run(LIST, { env });
    const expected = reason.source.replace("ADDRESS", `${scheme}://127\\.0\\.0\\.1:${port}`);
    assertRefused(ran, 7, new RegExp(expected));
    assert.doesNotMatch(ran.stderr, /canary|Cannot reach https:\/\/arcade/);
    const debugged = await machine.run([...LIST, "--debug"], { env });
    assert.doesNotMatch(debugged.stderr, /canary/);
  });
}

Deno.test("a proxy with an unknown host, and one that requires a user, are reported", async () => {
  await using machine = new TestMachine();
  const unknown = { ...KEY, ALL_PROXY: "proxy.invalid:8080" };
  assertRefused(
    await machine.run(LIST, { env: unknown }),
    7,
    /Cannot reach the proxy http:\/\/proxy\.invalid:8080: unknown host\n {2}Check ALL_PROXY/,
  );
  using proxy = new RawAnswers(NOT_AUTHORIZED);
  assertRefused(
    await machine.run(LIST, { env: { ...KEY, https_proxy: proxy.url } }),
    7,
    /requires a user and password \(407\)\n {2}Set them in https_proxy/,
  );
});

Deno.test("a proxy that does not answer is part of the timeout", async () => {
  await using machine = new TestMachine();
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const url = `http://127.0.0.1:${silent.addr.port}`;
  const env = { ...KEY, HTTPS_PROXY: url, ARCADE_TIMEOUT_SECONDS: "1" };
  const ran = await machine.run(LIST, { env });
  assertRefused(ran, 7, /did not answer within 1 s through the proxy http:.*\n {2}Check the proxy/);
});

Deno.test({
  name: "a proxy's certificate is distinguished from a service's",
  ignore: withoutOpenssl,
}, async () => {
  await using machine = new TestMachine();
  const { authority, server, bad } = await makeCertificates(machine);
  for (
    const [certificate, reason] of [
      [server, /The proxy https:\S+ did not connect to https:\/\/arcade\.invalid\n/],
      [bad.expired, /Cannot reach the proxy https:\S+: TLS failed, its certificate has expired\n/],
    ] as const
  ) {
    await using proxy = new Answers(() => new Response(null, { status: 502 }), { certificate });
    const env = { ...KEY, HTTPS_PROXY: proxy.url, SSL_CERT_FILE: authority };
    assertRefused(await machine.run(LIST, { env }), 7, reason);
  }
  // The tunnel works, but the service ends it.
  using tunnel = new RawAnswers("HTTP/1.1 200 OK\r\n\r\n");
  assertRefused(
    await machine.run(LIST, { env: { ...KEY, HTTPS_PROXY: tunnel.url } }),
    7,
    /Cannot reach https:\/\/arcade\.invalid through the proxy http:\S+: TLS failed, the server closed/,
  );
});

Deno.test({
  name: "a proxy that cannot be parsed is an error before any request",
  ignore: withoutMapped,
}, async (t) => {
  await using machine = new TestMachine();
  using service = new Mapped();
  const list = ["secret", "list", "--host", service.host, "--tls"];
  await machine.run(list, { env: KEY });
  assert(service.connections > 0, "The service cannot be reached without a proxy either");
  const before = service.connections;
  for (const variable of ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]) {
    await t.step(variable, async () => {
      const env = { ...KEY, [variable]: "http:/canary:canary@proxy.example:8080" };
      const ran = await machine.run(list, { env });
      assertRefused(
        ran,
        2,
        new RegExp(`${variable} is not the address of a proxy
 {2}Set it to`),
      );
      assert.doesNotMatch(ran.stderr, /canary/);
      assert.equal((await machine.run(["whoami"], { env })).code, 0);
    });
  }
  assert.equal(service.connections, before);
  await t.step("which does not matter if no request would use it", async () => {
    const { code } = await machine.run(["telemetry", "status"], {
      env: { HTTPS_PROXY: "http://" },
    });
    assert.equal(code, 0);
    for (
      const env of [
        { HTTP_PROXY: "http://" },
        { HTTPS_PROXY: "http://", NO_PROXY: "::ffff:0:0/96" },
        { HTTPS_PROXY: "http://", no_proxy: "example.com, *" },
        { HTTPS_PROXY: "" },
      ]
    ) {
      const { stderr } = await machine.run(list, { env: { ...KEY, ...env } });
      assert.match(stderr, /TLS failed/, JSON.stringify(env));
    }
    assert.equal(service.connections, before + 4);
  });
});

Deno.test({
  name: "no telemetry process bypasses a failing proxy",
  ignore: withoutSenders || withoutMapped,
}, async () => {
  await using machine = await TelemetryMachine.start();
  using sink = new Mapped();
  const report = async (env: Record<string, string>) => {
    const host = { ARCADE_POSTHOG_HOST: `http://${sink.host}` };
    const { code, stderr } = await machine.run(["whoami"], { env: { ...host, ...env } });
    assert.match(stderr, NOT_LOGGED_IN);
    assert.equal(code, 4);
    await machine.senders.gone();
    return sink.connections;
  };
  for (const variable of ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"]) {
    assert.equal(await report({ [variable]: "http:/proxy.example" }), 0, variable);
  }
  assert.equal(await report({ HTTP_PROXY: `http://127.0.0.1:${closedPort()}` }), 0);
  assert(await report({}) > 0, "The event did not arrive without a proxy either");
});
