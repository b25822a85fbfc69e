import assert from "node:assert/strict";
import { utc } from "../../../src/api/logs.ts";
import { zonedTime } from "../../../src/terminal/times.ts";
import { json } from "../../support/answers.ts";
import { oauthSettings, type Routes, ScriptedEngine } from "../../support/services.ts";
import type { World } from "../../support/in_process.ts";

const NOW = new Date("2026-11-21T12:00:00.123Z");
const now = () => NOW;
const LOGS = "GET /deployments/weather/logs";
const HEALTH = "GET /v1/health";
const STREAM = `${LOGS}/stream`;

const WAITING = "Waiting for new lines… (Ctrl-C to stop)\n";

const at = (second: string, line: string) => ({ timestamp: `2026-11-21T11:00:${second}Z`, line });
const lines = [at("01.5", "one"), at("01.508906574", "two"), at("03", "three")];

/** The line as it is printed. */
function printed({ timestamp, line }: { timestamp: string; line: string }): string {
  return `[${zonedTime(new Date(timestamp))}] ${line}\n`;
}

function logsOf(body: unknown, routes: Routes = {}): ScriptedEngine {
  return new ScriptedEngine({ [LOGS]: () => json(body), ...routes });
}

/** The requests for logs, with their queries. */
function queries(engine: ScriptedEngine): (Record<string, string> & { readonly path: string })[] {
  return engine.asked.filter((asked) => asked !== HEALTH).map((asked) => {
    const [path = "", query] = asked.split("?");
    return { path, ...Object.fromEntries(new URLSearchParams(query)) };
  });
}

Deno.test("`server logs` shows the last hour, in local time", async () => {
  await using engine = logsOf(lines);
  const { code, stdout } = await engine.home.run(["server", "logs", "weather"], { now });
  assert.equal(code, 0);
  assert.equal(stdout, lines.map(printed).join(""));
  assert.match(stdout, /^\[2026-11-2\d \d\d:\d\d:01 [+-]\d\d:\d\d\] one\n/);
  assert.deepEqual(queries(engine), [{
    path: LOGS,
    start_time_utc: "2026-11-21T11:00:00.123000+00:00",
  }]);
});

for (
  const [what, theirs] of [["behind", "12:08:00"], ["ahead of", "11:55:00"]] as const
) {
  Deno.test(`\`server logs\` asks for times by the clock of the engine where this machine is ${what} it`, async () => {
    const date = `Sat, 21 Nov 2026 ${theirs} GMT`;
    const health = () => json({ healthy: true }, { headers: { date } });
    const stamp = (minutes: number) => utc(new Date(new Date(date).getTime() - minutes * 60_000));
    const line = { timestamp: new Date(date).toISOString(), line: "newest" };
    for (
      const [flags, expected] of [
        [[], { path: LOGS, start_time_utc: stamp(60) }],
        [
          ["--since", "10m", "--until", "5m"],
          { path: LOGS, start_time_utc: stamp(10), end_time_utc: stamp(5) },
        ],
        [["--follow"], { path: STREAM, start_time_utc: stamp(0) }],
        [["--follow", "--since", "1m"], { path: STREAM, start_time_utc: stamp(1) }],
        [["--follow", "--tail", "9"], { path: LOGS, start_time_utc: stamp(60) }],
        [
          ["--since", "2026-11-21T11:54"],
          { path: LOGS, start_time_utc: "2026-11-21T11:54:00.000000+00:00" },
        ],
      ] as const
    ) {
      await using engine = new ScriptedEngine({
        [HEALTH]: health,
        [LOGS]: () => json([line]),
        [STREAM]: () => stream(events([line, { ...line, line: "next" }]), "open"),
      });
      const user = new AbortController();
      const { stdout } = await engine.home.run(["server", "logs", "weather", ...flags], {
        now,
        interruption: user.signal,
        onStdout: (stdout) => stdout.includes("next") && user.abort(),
      });
      assert.match(stdout, /newest\n/);
      assert.deepEqual(queries(engine)[0], expected);
    }
  });
}

Deno.test("`server logs` accepts a time that only the engine's clock has reached", async () => {
  const date = "Sat, 21 Nov 2026 12:08:00 GMT";
  await using engine = logsOf(lines, {
    [HEALTH]: () => json({ healthy: true }, { headers: { date } }),
  });
  const args = ["server", "logs", "weather", "--since", "2026-11-21T12:05Z"];
  assert.equal((await engine.home.run(args, { now })).code, 0);
});

const times: [written: string, time: string][] = [
  ["2026-11-21 11:00:00 +05:30", "2026-11-21T05:30:00.000000+00:00"], // the format of displayed lines
  ["90s", "2026-11-21T11:58:30.123000+00:00"],
  ["15M", "2026-11-21T11:45:00.123000+00:00"],
  ["1d12h", "2026-11-20T00:00:00.123000+00:00"],
  ["2026-11-20", "2026-11-20T00:00:00.000000+00:00"],
  ["2026-11-20 07:30", "2026-11-20T07:30:00.000000+00:00"],
  ["2026-11-20 07:30:15", "2026-11-20T07:30:15.000000+00:00"],
  ["2026-11-20T07:30:15.25Z", "2026-11-20T07:30:15.250000+00:00"],
  ["2026-11-20T07:30:15+01:00", "2026-11-20T06:30:15.000000+00:00"],
];
for (const [written, time] of times) {
  Deno.test(`\`server logs\` reads the time ${written} as ${time}`, async () => {
    await using engine = logsOf([]);
    const { code, stderr } = await engine.home.run(
      ["server", "logs", "weather", "-s", written, "-u", "0s"],
      { now },
    );
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^No log lines since 2026-/);
    assert.equal(queries(engine)[0]?.start_time_utc, time);
  });
}

for (
  const written of ["", "soon", "5", "5w", "h", "1h30", "2026-02-30", "999999999999d", "11/21/2026"]
) {
  Deno.test(`\`server logs\` rejects the time ${JSON.stringify(written)}`, async () => {
    await using engine = logsOf([]);
    const { code, stderr } = await engine.home.run(["server", "logs", "x", `--since=${written}`]);
    assert.equal(code, 2);
    assert.match(stderr, /`--since`: expected a duration, a date or a timestamp/);
  });
}

for (
  const [flags, message] of [
    [["--since", "1h", "--until", "2h"], /must be before `--until`\n.*11:00:00Z and .*10:00:00Z/],
    [["--since", "0s"], /must be before/],
    [["--until", "2020-01-01"], /must be before/],
    [["--follow", "--until", "1h"], /`--follow` and `--until` cannot be used together/],
    [["--tail", "-1"], /whole number/],
  ] as const
) {
  Deno.test(`\`server logs\` rejects ${flags.join(" ")}`, async () => {
    await using engine = logsOf([]);
    const { code, stderr } = await engine.home.run(["server", "logs", "x", ...flags], { now });
    assert.equal(code, 2);
    assert.match(stderr, message);
    assert.deepEqual(queries(engine), []);
  });
}

for (const [tail, shown] of [[2, lines.slice(1)], [9, lines], [0, []]] as const) {
  Deno.test(`\`server logs --tail ${tail}\` shows that number of lines from the end`, async () => {
    await using engine = logsOf(lines);
    const { stdout } = await engine.home.run(["server", "logs", "weather", "--tail", `${tail}`]);
    assert.equal(stdout, shown.map(printed).join(""));
  });
}

Deno.test("`server logs --tail` shows the last lines of a long log", async () => {
  const many = Array.from({ length: 10_000 }, (_, i) => at("05", `line ${i}`));
  await using engine = logsOf(many);
  const { stdout } = await engine.home.run(["server", "logs", "weather", "-n", "30"]);
  assert.equal(stdout, many.slice(-30).map(printed).join(""));
});

Deno.test("`server logs --json` prints one object on each line", async () => {
  const odd = [...lines, { line: "no time\u2028" }, { timestamp: "2026-11-21T11:00:04Z" }];
  await using engine = logsOf(odd);
  const { stdout } = await engine.home.run(["server", "logs", "weather", "--json"]);
  assert.deepEqual(stdout.trimEnd().split("\n").map((line) => JSON.parse(line)), [
    ...lines,
    { timestamp: null, line: "no time\u2028" },
    { timestamp: null, line: '{"timestamp":"2026-11-21T11:00:04Z"}' },
  ]);
});

Deno.test("`server logs` reports an invalid response, however deeply nested", async () => {
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  for (const answer of [deep, `[{"timestamp":"x","line":${deep}}]`]) {
    const log = () => new Response(answer, { headers: { "content-type": "application/json" } });
    await using engine = new ScriptedEngine({ "GET /deployments/weather/logs": log });
    const { code, stderr } = await engine.home.run(["server", "logs", "weather"]);
    assert.equal(code, 1);
    assert.match(stderr, /answered with no list of log lines/);
  }
});

Deno.test("`server logs` prints lines unchanged except for control characters", async () => {
  const hostile = [
    at("01", "\x1b[2J\x1b]0;owned\x07 red"),
    at("02", "col\tumn\r\n"),
    at("03", "Traceback:\n[2026-11-21 00:00:00] forged\u202e"),
    { timestamp: "yesterday\x1b", line: "odd time" },
    at("04", `long ${"漢".repeat(1_000_000)} end`),
  ];
  await using engine = logsOf(hostile);
  const { stdout } = await engine.home.run(["server", "logs", "weather"]);
  const shown = stdout.split("\n").map((line) => line.replace(/^\[\d.{25}\] /, "> "));
  assert.deepEqual(shown.map((line) => line.slice(0, 60)), [
    "> \uFFFD[2J\uFFFD]0;owned\uFFFD red",
    "> col\tumn",
    "> Traceback:",
    "    [2026-11-21 00:00:00] forged\uFFFD",
    "[yesterday\uFFFD] odd time",
    `> long ${"漢".repeat(53)}`,
    "",
  ]);
  assert.equal(shown[5]?.length, 1_000_011);
});

Deno.test("`server logs` shows the colors of lines where colors are shown, and writes them to JSON", async () => {
  const colored = at("01", "\x1b[33mWARNING\x1b[0m slow");
  await using engine = logsOf([colored]);
  const run = async (color: boolean, ...flags: string[]) =>
    (await engine.home.run(["server", "logs", "weather", ...flags], { color })).stdout;
  assert.equal(await run(true), printed({ ...colored, line: `${colored.line}\x1b[0m` }));
  assert.equal(await run(false), printed({ ...colored, line: "WARNING slow" }));
  assert.deepEqual(JSON.parse(await run(true, "--json")), colored);
});

for (const body of [[], null]) {
  Deno.test(`\`server logs\` reads ${JSON.stringify(body)} as an empty log`, async () => {
    await using engine = logsOf(body);
    const { code, stdout, stderr } = await engine.home.run(["server", "logs", "weather"], { now });
    assert.deepEqual([code, stdout], [0, ""]);
    assert.match(stderr, /^No log lines since /);
  });
}

for (
  const [what, body] of [
    ["an object", '{"items":[]}'],
    ["a web page", "<html>[]</html>"],
    ["a truncated list", '[{"timestamp":"2026-11-21T11:00:01Z","line":"one"},{"timest'],
  ] as const
) {
  Deno.test(`\`server logs\` reports that ${what} is not a list of log lines`, async () => {
    await using engine = logsOf([], { [LOGS]: () => new Response(body) });
    const { code, stderr } = await engine.home.run(["server", "logs", "weather"]);
    assert.equal(code, 1);
    assert.match(stderr, /answered with no list of log lines/);
    assert(!stderr.includes("timest"), stderr);
  });
}

Deno.test("`server logs` prints the lines received before the connection was lost, and reports the break", async () => {
  await using engine = logsOf([], {
    [LOGS]: () => new Response(broken(`[${JSON.stringify(lines[0])},{"timestamp":"2026`)),
  });
  const { code, stdout, stderr } = await engine.home.run(["server", "logs", "weather"]);
  assert.equal(code, 7);
  assert.equal(stdout, lines.slice(0, 1).map(printed).join(""));
  assert.match(stderr, /Error: Cannot reach http:\S+ the connection was lost\n/);
});

Deno.test("`server logs` reports a server that is not deployed", async () => {
  await using engine = new ScriptedEngine({
    "GET /workers": () => json({ items: [{ id: "own" }] }),
  });
  const { code, stderr } = await engine.home.run(["server", "logs", "own"]);
  assert.equal(code, 1);
  assert.match(stderr, /^Error: The server "own" is not deployed at Arcade\n/);
});

Deno.test("`server logs` retries after a 503, and shows the message of a 409", async () => {
  let weather = 503;
  await using engine = logsOf([], {
    [LOGS]: () => {
      const status = weather;
      weather = status === 503 ? 200 : 409;
      return status === 200 ? json(lines) : json({ message: "busy" }, { status });
    },
  });
  const first = await engine.home.run(["server", "logs", "weather"]);
  assert.equal(first.stdout, lines.map(printed).join(""));
  assert.equal(first.pauses.length, 1);
  const second = await engine.home.run(["server", "logs", "weather"]);
  assert.deepEqual([second.code, second.stdout], [1, ""]);
  assert.match(second.stderr, /conflict \(409\): busy/);
});

/** A body whose connection breaks. */
function broken(text: string): ReadableStream<Uint8Array> {
  let isSent = false;
  return new ReadableStream({
    pull(controller) {
      if (isSent) return controller.error(new Error("a broken connection"));
      isSent = true;
      controller.enqueue(new TextEncoder().encode(text));
    },
  });
}

const events = (some: readonly unknown[]) =>
  some.map((one) => `data: ${JSON.stringify(one)}\n\n`).join("");

/** A stream of events that ends, breaks, or stays open. */
function stream(text: string, end: "closed" | "broken" | "open"): Response {
  const body = end === "broken" ? broken(text) : new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(text));
      if (end === "closed") controller.close();
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

/** Follows a log until this text is printed, and then presses Ctrl-C. */
async function followUntil(
  engine: ScriptedEngine,
  last: string,
  { flags = [], ...world }: World & { readonly flags?: readonly string[] } = {},
) {
  const user = new AbortController();
  return await engine.home.run(["server", "logs", "weather", "--follow", ...flags], {
    now,
    interruption: user.signal,
    onStdout: (stdout) => {
      if (stdout.includes(last)) user.abort();
    },
    ...world,
  });
}

/** An engine with these responses to stream requests in order; the last one repeats. */
function streams(...answers: readonly (() => Response)[]): ScriptedEngine {
  let count = 0;
  return new ScriptedEngine({
    [LOGS]: () => json(lines),
    [STREAM]: () => (answers[count++] ?? answers.at(-1))?.() ?? new Response(),
  });
}

Deno.test("`server logs --follow` shows new lines from now on, until Ctrl-C", async () => {
  const capital = [{ Timestamp: "2026-11-21T12:00:01.5Z", Line: "capital" }];
  await using engine = streams(() =>
    stream(`: hello\n\n${events(capital)}${events(lines)}data: raw\ndata: \x1b[2J\n\n`, "open")
  );
  const { code, stdout, stderr } = await followUntil(engine, "raw");
  assert.deepEqual([code, stderr], [130, WAITING]);
  const [first = ""] = capital.map(({ Timestamp, Line }) =>
    printed({ timestamp: Timestamp, line: Line })
  );
  assert.equal(stdout, `${first}${lines.map(printed).join("")}raw\n    \uFFFD[2J\n`);
  assert.deepEqual(queries(engine), [
    { path: STREAM, start_time_utc: "2026-11-21T12:00:00.123000+00:00" },
  ]);
});

Deno.test("`server logs --follow --json` prints one object on each line", async () => {
  await using engine = streams(() => stream(events(lines), "open"));
  const { stdout } = await followUntil(engine, "three", { flags: ["--json", "--since", "1h"] });
  assert.deepEqual(stdout.trimEnd().split("\n").map((line) => JSON.parse(line)), lines);
  assert.equal(queries(engine)[0]?.start_time_utc, "2026-11-21T11:00:00.123000+00:00");
});

Deno.test("`server logs --follow` on a terminal ends with a line break", async () => {
  await using engine = streams(() => stream(events(lines), "open"));
  const { code, stderr } = await followUntil(engine, "three", { terminal: true });
  assert.deepEqual([code, stderr], [130, `${WAITING}\n`]);
});

for (const end of ["broken", "closed"] as const) {
  Deno.test(`\`server logs --follow\` continues after a ${end} stream, without repeating or dropping lines`, async () => {
    const more = [
      ...lines.slice(0, 2), // the engine may start a little early
      { timestamp: "2026-11-21T11:00:02.000000001Z", line: "three" },
      { timestamp: "2026-11-21T12:00:02.000000001+01:00", line: "as late as three" },
      at("04", "four"),
      at("04", "four"),
    ];
    const before = [...lines.slice(0, 2), more[2], more[2]];
    await using engine = streams(
      () => stream(`${events(before)}data: {"Timestamp":"cut o`, end),
      () => stream(events([...more.slice(0, 3), ...more.slice(2)]), end),
      () => stream(events([...more.slice(4), at("04", "four"), at("04", "end")]), "open"),
    );
    const { code, stdout, stderr, pauses } = await followUntil(engine, "end");
    assert.equal(code, 130);
    assert.deepEqual(stdout.split("\n").map((line) => line.slice(29)), [
      ...["one", "two", "three", "three", "as late as three", "four", "four", "four", "end", ""],
    ]);
    const [, second, third] = queries(engine).map(({ start_time_utc }) => start_time_utc);
    assert.equal(second, "2026-11-21T11:00:02.000000+00:00");
    assert.equal(third, "2026-11-21T11:00:04.000000+00:00");
    assert.equal(stderr.match(/; reconnecting in 1 s\n/g)?.length, 2);
    assert.match(stderr, end === "closed" ? /\nThe log stream ended;/ : /\nCannot reach .* lost;/);
    assert.deepEqual(pauses, [1125, 1125]);
  });
}

Deno.test("`server logs --follow` backs off while the engine is unreachable", async () => {
  const away = () => json({ message: "restarting" }, { status: 500 });
  const closed = () => new Response("", { headers: { "content-type": "text/event-stream" } });
  await using engine = streams(
    () => stream(events(lines.slice(0, 1)), "closed"),
    ...[1, 2, 3].map(() => away), // one attempt and its retries
    ...[1, 2, 3, 4].map(() => closed),
    () => stream(events(lines), "open"),
  );
  const { code, stdout, stderr, pauses } = await followUntil(engine, "three");
  assert.equal(code, 130);
  assert.equal(stdout, lines.map(printed).join(""));
  assert.match(stderr, /failed \(500\): restarting; reconnecting in 2 s\n/);
  const reconnects = pauses.filter((pause) => pause >= 1125).map((pause) => pause / 1.125);
  assert.deepEqual(reconnects, [1000, 2000, 4000, 8000, 15_000, 15_000]);
});

Deno.test("`server logs --follow` backs off while the engine repeats lines and sends nothing else", async () => {
  const repeated = `event: ping\ndata: 1\n\nevent: error\ndata: no\n\n${events(lines.slice(0, 1))}`;
  await using engine = streams(
    ...[1, 2, 3, 4].map(() => () => stream(repeated, "closed")),
    () => stream(events(lines.slice(0, 2)), "closed"),
    () => stream(events(lines), "open"),
  );
  const { stdout, pauses } = await followUntil(engine, "three");
  assert.equal(stdout, lines.map(printed).join(""));
  assert.deepEqual(pauses.map((pause) => pause / 1.125), [1000, 2000, 4000, 8000, 1000]);
});

Deno.test("`server logs --follow` ends when the engine has no more lines (204)", async () => {
  await using engine = streams(
    () => stream(events(lines), "closed"),
    () => new Response(null, { status: 204 }),
  );
  const { code, stdout, stderr } = await followUntil(engine, "never");
  assert.equal(code, 0);
  assert.equal(stdout, lines.map(printed).join(""));
  assert.match(stderr, /The log stream ended; reconnecting in 1 s\nThe log has ended\n$/);
});

for (
  const [what, answer, message] of [
    [
      "a message",
      () => json({ message: "no such release" }),
      "did not answer with an event stream: no such release",
    ],
    ["a list", () => json(lines), "did not answer with an event stream"],
    ["text", () => new Response("busy\n"), "did not answer with an event stream: busy"],
    ["a web page", () => page(), "a web page instead of JSON"],
  ] as const
) {
  Deno.test(`\`server logs --follow\` does not print ${what} as lines of a stream, and says what it received`, async () => {
    await using engine = streams(
      () => stream(events(lines.slice(0, 2)), "closed"),
      answer,
      () => stream(events(lines), "open"),
    );
    const { stdout, stderr } = await followUntil(engine, "three");
    assert.equal(stdout, lines.map(printed).join(""));
    assert(stderr.includes(`${message}; reconnecting in 2 s\n`), stderr);

    await using other = streams(answer);
    const first = await followUntil(other, "never");
    assert.deepEqual([first.code === 0, first.stdout, first.pauses], [false, "", []]);
    assert(first.stderr.includes(`${message}\n`), first.stderr);
  });
}

/** The page of a network that requires a login. */
function page(): Response {
  return new Response("<html>", { headers: { "content-type": "text/html" } });
}

Deno.test("`server logs --follow` ends when the server is deleted", async () => {
  await using engine = new ScriptedEngine({
    [STREAM]: ({ path }) =>
      path.includes("T12%3A00%3A00")
        ? stream(events(lines), "closed")
        : json({ message: "gone" }, { status: 404 }),
    "GET /workers": () => json({ items: [] }),
  });
  const { code, stdout, stderr } = await followUntil(engine, "never");
  assert.equal(code, 1);
  assert.equal(stdout, lines.map(printed).join(""));
  assert.match(stderr, /reconnecting in 1 s\nError: No server called "weather"\n/);
});

Deno.test("`server logs --follow` fails when the first attempt fails", async () => {
  await using engine = streams(() => json({ message: "no" }, { status: 422 }));
  const { code, stderr } = await followUntil(engine, "never");
  assert.equal(code, 1);
  assert.match(stderr, /rejected the input \(422\): no/);
});

Deno.test("`server logs --follow --tail` begins with the last existing lines", async () => {
  await using engine = streams(() => stream(events([...lines, at("59", "new")]), "open"));
  const { stdout } = await followUntil(engine, "new", { flags: ["--tail", "2"] });
  assert.equal(stdout, [...lines.slice(1), at("59", "new")].map(printed).join(""));
  assert.deepEqual(queries(engine), [
    {
      path: LOGS,
      start_time_utc: "2026-11-21T11:00:00.123000+00:00",
    },
    { path: STREAM, start_time_utc: "2026-11-21T11:00:03.000000+00:00" },
  ]);
});

Deno.test("`server logs --follow` renews the login when the engine refuses the token", async () => {
  let isRenewed = false;
  await using engine: ScriptedEngine = new ScriptedEngine({
    [STREAM]: ({ authorization, path }) => {
      if (!path.includes("T12%3A00%3A00") && authorization?.includes("of-the-test")) {
        return json({ message: "expired" }, { status: 401 });
      }
      return stream(events(isRenewed ? [...lines, at("59", "new")] : lines), "closed");
    },
    "GET /api/v1/auth/cli_config": () => json(oauthSettings(engine.answers.url)),
    "POST /token": () => {
      isRenewed = true;
      return json({ access_token: "renewed", expires_in: 3600, token_type: "Bearer" });
    },
  });
  engine.home.moveLogin({ coordinator: engine.answers.url });
  const { code, stdout, stderr } = await followUntil(engine, "new");
  assert.equal(code, 130, stderr);
  assert.equal(stdout, [...lines, at("59", "new")].map(printed).join(""));
});

Deno.test("`server logs --follow` fails if the engine keeps refusing the token", async () => {
  await using engine = new ScriptedEngine({
    "GET /v1/deployments/weather/logs/stream": ({ path }) =>
      path.includes("T12%3A00%3A00")
        ? stream(events(lines), "closed")
        : json({ message: "revoked" }, { status: 401 }),
  });
  const env = { ARCADE_API_KEY: "key", ARCADE_URL: engine.answers.url };
  const { code, stderr } = await followUntil(engine, "never", { env });
  assert.equal(code, 4);
  assert.match(stderr, /rejected the token \(401\): revoked/);
});
