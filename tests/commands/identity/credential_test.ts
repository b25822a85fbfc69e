import assert from "node:assert/strict";
import { AGENT_AND_HUMAN, HUB, Identities, NOW, TOKEN } from "./support.ts";

type Attributes = Readonly<Record<string, string>>;

const REQUEST = { protocol: "https", host: HUB };

/** Sends a request to the helper; fails if its output is not only attributes. */
async function ask(
  home: Identities,
  operation: string,
  attributes: Attributes | string,
): Promise<Attributes> {
  const request = typeof attributes === "string"
    ? attributes
    : Object.entries(attributes).map(([key, value]) => `${key}=${value}\n`).join("") + "\n";
  // In chunks, as from a pipe.
  const middle = request.length >> 1;
  const stdin = [request.slice(0, middle), request.slice(middle)];
  const { code, stdout, stderr } = await home.identity(["credential", operation], { stdin });
  assert.equal(code, 0, stderr);
  assert.equal(stderr, "");
  if (operation !== "get") assert.equal(stdout, "");
  assert.match(stdout, /^([a-z_]+=[^\n]+\n)*$/);
  return Object.fromEntries(
    [...stdout.matchAll(/^([^=]+)=(.*)$/gm)].map(([, key = "", value = ""]) => [key, value]),
  );
}

const FOUND = { username: "agt_def456", password: TOKEN };
const gets: [what: string, request: Attributes | string, answer: Attributes][] = [
  ["a stored hub", REQUEST, FOUND],
  [
    "a host in capitals, with the port of https",
    { protocol: "https", host: "MuseHub.ai:443" },
    FOUND,
  ],
  ["a path", { ...REQUEST, path: "repos/x.git" }, FOUND],
  ["the stored user", { ...REQUEST, username: "agt_def456" }, FOUND],
  ["no user", { ...REQUEST, username: "" }, FOUND],
  ["another user", { ...REQUEST, username: "someone-else" }, {}],
  [
    "any user where none is stored",
    { protocol: "https", host: "person.example", username: "git" },
    {
      username: "git",
      password: TOKEN,
    },
  ],
  ["no user where none is stored", { protocol: "https", host: "person.example" }, {
    username: "arcade",
    password: TOKEN,
  }],
  ["lines that end with CRLF", `protocol=https\r\nhost=${HUB}\r\n\r\n`, FOUND],
  ["attributes of newer versions of git", {
    "capability[]": "authtype",
    "wwwauth[]": "Basic realm=x",
    authtype: "Basic",
    "state[]": "x",
    ...REQUEST,
  }, FOUND],
  ["a request that ends without a blank line", `protocol=https\nhost=${HUB}`, FOUND],
  [
    "text after the blank line",
    `protocol=https\nhost=${HUB}\n\nhost=other.example\n`,
    FOUND,
  ],
  ["lines that are not attributes", `nonsense\n=x\nprotocol=https\nhost=${HUB}\n\n`, FOUND],
  ["another port", { protocol: "https", host: `${HUB}:8443` }, {}],
  ["another host", { protocol: "https", host: "other.example" }, {}],
  ["a subdomain of the stored host", { protocol: "https", host: `x.${HUB}` }, {}],
  ["plain http", { protocol: "http", host: HUB }, {}],
  ["another protocol", { protocol: "ssh", host: HUB }, {}],
  ["no protocol", { host: HUB }, {}],
  ["no host", { protocol: "https" }, {}],
  ["an empty host", { protocol: "https", host: "" }, {}],
  ["a user in the host", { protocol: "https", host: `evil@${HUB}` }, {}],
  ["a path in the host", { protocol: "https", host: `${HUB}/evil` }, {}],
  ["an escape in the host", { protocol: "https", host: `muse%68ub.ai` }, {}],
  ["a query in the host", { protocol: "https", host: `${HUB}?x` }, {}],
  ["a host in the protocol", { protocol: `https://${HUB}/?`, host: HUB }, {}],
  ["an empty request", "\n", {}],
  ["nothing", "", {}],
];
for (const [what, request, answer] of gets) {
  Deno.test(`\`credential get\` for ${what}`, async () => {
    using home = Identities.of(AGENT_AND_HUMAN);
    assert.deepEqual(await ask(home, "get", request), answer);
    assert.equal(home.readFile(), AGENT_AND_HUMAN);
  });
}

Deno.test("`credential get` over http works for this machine only", async () => {
  using home = Identities.of(
    ["127.0.0.1:8000", "localhost:80", "[::1]:8000"]
      .map((hub) => `["${hub}"]\ntoken = "${TOKEN}"\n`).join(""),
  );
  for (const host of ["127.0.0.1:8000", "localhost", "[::1]:8000"]) {
    assert.equal((await ask(home, "get", { protocol: "http", host })).password, TOKEN);
  }
  assert.deepEqual(await ask(home, "get", { protocol: "http", host: "127.0.0.1:8001" }), {});
});

Deno.test("`credential get` reports the expiry of the token, and nothing once it has expired", async () => {
  using home = Identities.of(
    `["musehub.ai"]\nid = "me"\ntoken = "${TOKEN}"\nexpires_at = "2026-11-20T12:00:01Z"\n`,
  );
  assert.deepEqual(await ask(home, "get", REQUEST), {
    username: "me",
    password: TOKEN,
    password_expiry_utc: String(NOW.getTime() / 1000 + 1),
  });
  home.writeFile(home.readFile().replace(/expires_at = .*/, `expires_at = "${NOW.toISOString()}"`));
  assert.deepEqual(await ask(home, "get", REQUEST), {});
});

Deno.test("`credential get` prints nothing without a token, or with a user that git cannot represent", async () => {
  for (
    const entry of [
      'token = ""',
      'name = "a"',
      `id = "a\\nb"\ntoken = "x"`,
      `name = "a\\u0000"\ntoken = "x"`,
    ]
  ) {
    using home = Identities.of(`["musehub.ai"]\n${entry}\n`);
    assert.deepEqual(await ask(home, "get", REQUEST), {}, entry);
  }
  using home = new Identities();
  assert.deepEqual(await ask(home, "get", REQUEST), {});
});

Deno.test("`credential get` does not wait for the end of the input after a blank line", async () => {
  using home = Identities.of(AGENT_AND_HUMAN);
  // The input after it is not read.
  const stdin = [`protocol=https\nhost=${HUB}\n\n`, "protocol=ssh\n"];
  const { stdout } = await home.identity(["credential", "get"], { stdin });
  assert.match(stdout, /^password=/m);
});

const stores: [what: string, request: Attributes | string, changes: Attributes | undefined][] = [
  ["another token", { ...REQUEST, password: "new" }, { token: "new" }],
  ["another token of the same user", { ...REQUEST, username: "agt_def456", password: "new" }, {
    token: "new",
  }],
  [
    "another token with its expiry",
    { ...REQUEST, password: "new", password_expiry_utc: "1800000000" },
    {
      token: "new",
      expires_at: "2027-01-15T08:00:00.000Z",
    },
  ],
  ["an invalid expiry", { ...REQUEST, password: "new", password_expiry_utc: "never" }, {
    token: "new",
  }],
  [
    "another token on lines that end with CRLF",
    `protocol=https\r\nhost=${HUB}\r\npassword=new\r\n\r\n`,
    { token: "new" },
  ],
  [
    "another token on lines that end with CRLF, without a blank line",
    `protocol=https\r\nhost=${HUB}\r\npassword=new\r\n`,
    { token: "new" },
  ],
  ["the same token", { ...REQUEST, password: TOKEN }, undefined],
  [
    "the same token on lines that end with CRLF",
    `protocol=https\r\nhost=${HUB}\r\npassword=${TOKEN}\r\n\r\n`,
    undefined,
  ],
  [
    "a token with a carriage return, which ends no line",
    { ...REQUEST, password: "a\rb" },
    undefined,
  ],
  ["a token with a replacement character", { ...REQUEST, password: "a\uFFFDb" }, undefined],
  ["a token outside ASCII", { ...REQUEST, password: "pässwörd🔑" }, { token: "pässwörd🔑" }],
  ["another user", { ...REQUEST, username: "other", password: "new" }, undefined],
  ["no token", REQUEST, undefined],
  ["an empty token", { ...REQUEST, password: "" }, undefined],
  ["a password with spaces, which is not a token", { ...REQUEST, password: "a b" }, undefined],
  [
    "an unknown hub",
    { protocol: "https", host: "other.example", password: "new" },
    undefined,
  ],
  ["plain http", { protocol: "http", host: HUB, password: "new" }, undefined],
];
for (const [what, request, changes] of stores) {
  Deno.test(`\`credential store\` of ${what} ${changes ? "changes it" : "changes nothing"}`, async () => {
    using home = Identities.of(AGENT_AND_HUMAN);
    const written = Deno.statSync(home.file).ino;
    await ask(home, "store", request);
    if (!changes) {
      assert.equal(home.readFile(), AGENT_AND_HUMAN);
      assert.equal(Deno.statSync(home.file).ino, written, "The file was rewritten");
    } else {
      const { token = "", expires_at } = changes;
      assert.equal(
        home.readFile(),
        AGENT_AND_HUMAN.replace(TOKEN, token).replace(
          /^capabilities.*\n/m,
          expires_at ? `$&expires_at = "${expires_at}"\n` : "$&",
        ),
      );
    }
  });
}

Deno.test("`credential store` of another token removes the expiry of the old one", async () => {
  using home = new Identities();
  await home.add("--expires", "30d");
  await ask(home, "store", { ...REQUEST, password: "new" });
  assert.equal(home.readFile(), '["musehub.ai"]\ntype = "human"\ntoken = "new"\n');
});

const erases: [what: string, request: Attributes | string, erased: boolean][] = [
  ["the stored token", { ...REQUEST, username: "agt_def456", password: TOKEN }, true],
  ["any token", REQUEST, true],
  [
    "the stored token on lines that end with CRLF",
    `protocol=https\r\nhost=${HUB}\r\npassword=${TOKEN}\r\n\r\n`,
    true,
  ],
  ["another token", { ...REQUEST, password: "other" }, false],
  ["an empty token", { ...REQUEST, password: "" }, false],
  ["another user", { ...REQUEST, username: "other", password: TOKEN }, false],
  ["another host", { protocol: "https", host: "other.example", password: TOKEN }, false],
  ["plain http", { protocol: "http", host: HUB, password: TOKEN }, false],
];
for (const [what, request, erased] of erases) {
  Deno.test(`\`credential erase\` of ${what} ${erased ? "empties the token" : "changes nothing"}`, async () => {
    using home = Identities.of(AGENT_AND_HUMAN);
    await ask(home, "erase", request);
    assert.equal(home.readFile(), erased ? AGENT_AND_HUMAN.replace(TOKEN, "") : AGENT_AND_HUMAN);
    assert.deepEqual(await ask(home, "get", REQUEST), erased ? {} : FOUND);
  });
}

const latin1 = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const refusals: [what: string, attribute: string, reason: RegExp][] = [
  ["a token in Latin-1", "password=caf\xe9", /The password that git sent is not UTF-8 text/],
  ["a token with NUL", "password=a\0b", /The password that git sent contains a NUL character/],
  ["a user in Latin-1", "username=Ren\xe9", /The username that git sent is not UTF-8 text/],
  ["a host in Latin-1", "host=m\xfcse.example", /The host that git sent is not UTF-8 text/],
  ["too much", `x=${"y".repeat(1024 * 1024)}`, /The request of git is larger than 1 MiB/],
];
for (const [what, attribute, reason] of refusals) {
  Deno.test(`\`credential\` refuses ${what} and changes nothing`, async () => {
    using home = Identities.of(AGENT_AND_HUMAN);
    for (const operation of ["get", "store", "erase"]) {
      const stdin = latin1(`protocol=https\nhost=${HUB}\n${attribute}\n\n`);
      const { code, stdout, stderr } = await home.identity(["credential", operation], { stdin });
      assert.equal(code, 2);
      assert.equal(stdout, "");
      assert.match(stderr, /^Error: .*\n {2}[A-Z].*\n$/);
      assert.match(stderr, reason);
      assert.equal(home.readFile(), AGENT_AND_HUMAN);
    }
  });
}

Deno.test("`credential get` ignores attributes that it does not use, whatever their bytes", async () => {
  using home = Identities.of(AGENT_AND_HUMAN);
  const stdin = latin1(
    `protocol=https\npath=Ren\xe9\0\nwwwauth[]=Basic realm="caf\xe9"\nhost=${HUB}\n\n`,
  );
  const { stdout, stderr } = await home.identity(["credential", "get"], { stdin });
  assert.match(stdout, /^password=/m, stderr);
});

for (const lineEnd of ["\n", "\r\n"]) {
  Deno.test(`\`credential get\` reads a request in pieces of one byte, with ${JSON.stringify(lineEnd)}`, async () => {
    using home = Identities.of(AGENT_AND_HUMAN);
    const request = ["protocol=https", `host=${HUB}`, "", "host=other.example"].join(lineEnd);
    const { stdout } = await home.identity(["credential", "get"], { stdin: [...request] });
    assert.match(stdout, /^password=/m);
  });
}

Deno.test("`credential` ignores an unknown operation", async () => {
  using home = new Identities();
  for (const operation of ["capability", "list", "", "GET"]) {
    assert.deepEqual(await ask(home, operation, REQUEST), {});
  }
  for (const operation of ["store", "erase"]) {
    await ask(home, operation, { ...REQUEST, password: "x" });
  }
  assert.throws(() => Deno.statSync(home.folder), Deno.errors.NotFound);
});

Deno.test("`credential` with a corrupt file fails and prints nothing for git", async () => {
  for (const content of ["CANARY", '["musehub.ai"]\ntoken = ["CANARY"]\n']) {
    using home = Identities.of(content);
    for (const operation of ["get", "store", "erase"]) {
      const stdin = [`protocol=https\nhost=${HUB}\npassword=CANARY-new\n\n`];
      const { code, stdout, stderr } = await home.identity(["credential", operation, "--debug"], {
        stdin,
      });
      assert.equal(code, 1);
      assert.equal(stdout, "");
      assert.match(stderr, /identity\.toml is corrupt/);
      assert(!stderr.includes("CANARY"));
      assert.equal(home.readFile(), content);
    }
  }
});
