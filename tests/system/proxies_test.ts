import assert from "node:assert/strict";
import { Failure } from "../../src/failure.ts";
import { isExcluded, proxyFor } from "../../src/system/proxies.ts";

const HTTPS = new URL("https://arcade.example.com");
const HTTP = new URL("http://arcade.example.com");

Deno.test("the variable for the scheme comes before that for both, and upper case before lower case", () => {
  const all = {
    HTTPS_PROXY: "http://a",
    https_proxy: "http://b",
    HTTP_PROXY: "http://c",
    http_proxy: "http://d",
    ALL_PROXY: "http://e",
    all_proxy: "http://f",
  };
  assert.equal(proxyFor(all, HTTPS, "")?.variable, "HTTPS_PROXY");
  assert.equal(proxyFor({ ...all, HTTPS_PROXY: "" }, HTTPS, "")?.variable, "https_proxy");
  assert.equal(proxyFor(all, HTTP, "")?.variable, "HTTP_PROXY");
  assert.equal(proxyFor({ http_proxy: "http://d" }, HTTP, "")?.variable, "http_proxy");
  assert.equal(proxyFor({ http_proxy: "http://d" }, HTTPS, ""), undefined);
  assert.equal(proxyFor({ all_proxy: "http://f" }, HTTPS, "")?.variable, "all_proxy");
  // A client of a web server can set HTTP_PROXY (CGI).
  assert.equal(proxyFor({ ...all, REQUEST_METHOD: "GET" }, HTTP, "")?.variable, "ALL_PROXY");
});

Deno.test("a proxy's address is separate from its user and password", () => {
  const addresses: [written: string, address: string, user: string | undefined][] = [
    ["http://proxy.example:8080", "http://proxy.example:8080", undefined],
    [" proxy.example:8080/ ", "http://proxy.example:8080", undefined],
    ["https://u:p%40%20@proxy.example", "https://proxy.example", "u/p@ "],
    ["u@proxy.example:1", "http://proxy.example:1", "u/"],
    ["http://u:100%@proxy.example", "http://proxy.example", "u/100%"],
    ["socks5://u:p@[::1]:1080", "socks5://[::1]:1080", "u/p"],
    ["SOCKS5H://proxy.example", "socks5h://proxy.example", undefined],
  ];
  for (const [HTTPS_PROXY, address, user] of addresses) {
    const proxy = proxyFor({ HTTPS_PROXY }, HTTPS, "");
    assert.equal(proxy?.address, address);
    assert.equal(proxy.user && `${proxy.user.username}/${proxy.user.password}`, user);
  }
});

Deno.test("an invalid proxy address is refused, and not quoted", () => {
  for (
    const HTTPS_PROXY of [
      "http:/canary.example:8080",
      "http://",
      "http://canary:99999",
      "http://[::1",
      "socks4://canary:1080",
      "ftp://canary",
      "two canaries",
      "http://proxy.example:8080/canary",
      "http://proxy.example?canary",
      "canary:canary@",
      "://canary",
    ]
  ) {
    assert.throws(
      () => proxyFor({ HTTPS_PROXY }, HTTPS, ""),
      (error) =>
        error instanceof Failure && error.kind === "usage" &&
        !/canar/.test(`${error.message}${error.next}`),
      HTTPS_PROXY,
    );
    assert.equal(proxyFor({ HTTPS_PROXY }, HTTPS, "example.com"), undefined);
  }
});

Deno.test("hosts that need no proxy are names with their subdomains, addresses and networks", () => {
  const matches: [host: string, list: string, isExcluded: boolean][] = [
    ["example.com", "example.com", true],
    ["api.example.com", "other, Example.COM ", true],
    ["api.example.com", ".example.com", true],
    ["notexample.com", "example.com", false],
    ["example.com", "", false],
    ["example.com", ",,.", false],
    ["example.com", "*", true],
    ["10.1.2.3", "*", true],
    ["10.1.2.3", "10.0.0.0/8", true],
    ["11.1.2.3", "10.0.0.0/8", false],
    ["10.1.2.3", "10.1.2.3", true],
    ["10.1.2.3", "10.1.2.0/0", true],
    ["10.1.2.3", "10.1.2.3/x,10.1.2.3/33,10.1.2.3/-1", false],
    ["[fd00::1]", "fd00::/8", true],
    ["[fd00::1]", "fd00:0:0:0::1", true],
    ["[fe80::1]", "fd00::/8", false],
    ["[::1]", "0.0.0.0/0", false],
    ["[::ffff:a00:1]", "::ffff:0:0/96", true],
  ];
  for (const [host, list, expected] of matches) {
    assert.equal(isExcluded(host, list), expected, `${host} in ${list}`);
  }
});
