import assert from "node:assert/strict";
import { shellWord } from "../../../src/text/shell_word.ts";
import { Answers, json } from "../../support/answers.ts";
import { patiently } from "../../support/patience.ts";
import { BINARY, type Running, TestMachine } from "../../support/test_machine.ts";

const WAITING = "Waiting for new lines… (Ctrl-C to stop)\n";
const LINE = { timestamp: "2026-11-21T11:00:01Z", line: "a line of the log" };
const EVENT = `data: ${JSON.stringify(LINE)}\n\n`;

/** A machine with an API key for an engine with these response bodies, one for each request. */
async function withEngine(
  bodies: readonly (() => ReadableStream<Uint8Array>)[],
  test: (machine: TestMachine, engine: Answers) => Promise<void>,
): Promise<void> {
  await using machine = new TestMachine();
  let count = 0;
  const isOver = Promise.withResolvers<Response>();
  await using engine = new Answers(({ path }) => {
    if (path === "/v1/health") return json({ healthy: true });
    const body = bodies[count++];
    return body ? new Response(body()) : isOver.promise;
  });
  Object.assign(machine.env, { ARCADE_API_KEY: "key-of-the-test", ARCADE_URL: engine.url });
  try {
    await test(machine, engine);
  } finally {
    isOver.resolve(new Response());
    await machine.stop();
  }
}

/** A body that starts with one text and repeats another one forever. */
function endless(start: string, more: string, cancelled: () => void): ReadableStream<Uint8Array> {
  let next = start;
  return new ReadableStream({
    pull(controller) {
      controller.enqueue(new TextEncoder().encode(next));
      next = more;
    },
    cancel: cancelled,
  });
}

/** A body with a text, which ends or stays open. */
function body(text: string, { isOpen }: { readonly isOpen: boolean }): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(text));
      if (!isOpen) controller.close();
    },
  });
}

const element = JSON.stringify(LINE);
for (
  const [flags, start, more] of [
    ["", `[${element}`, `,${element}`],
    ["--follow", EVENT, EVENT],
    ["--follow --json", EVENT, EVENT],
  ] as const
) {
  Deno.test(`\`server logs ${flags} | head\` ends without a message and closes the connection`, async () => {
    const left = Promise.withResolvers<void>();
    await withEngine([() => endless(start, more, left.resolve)], async (machine) => {
      const line = `{ ${
        shellWord(BINARY)
      } server logs x ${flags}; echo "code $?" >&2; } | head -n 3`;
      const { stdout, stderr } = await machine.startProgram(["sh", "-c", line]).end();
      assert.equal(stdout.match(/a line of the log/g)?.length, 3);
      assert.equal(stderr, `${flags === "" ? "" : WAITING}code 0\n`);
      await patiently("the end of the connection", left.promise);
    });
  });
}

const follow = ["server", "logs", "x", "--follow"];

/** When the user presses Ctrl-C. */
const moments: readonly [
  what: string,
  bodies: readonly (() => ReadableStream<Uint8Array>)[],
  reached: (running: Running, engine: Answers) => Promise<unknown>,
][] = [
  [
    "while it reads",
    [() => body(EVENT, { isOpen: true })],
    (running) => running.printed(/a line of the log\n/),
  ],
  ["before the engine answers", [], (_, engine) => engine.asked(2)],
  [
    "while it waits to reconnect",
    [() => body(EVENT, { isOpen: false })],
    (running) => running.printed(/reconnecting/),
  ],
];
for (const [what, bodies, reached] of moments) {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.test(`\`server logs --follow\` ends with 130 and no message on ${signal}, ${what}`, async () => {
      await withEngine(bodies, async (machine, engine) => {
        const running = machine.start(follow);
        await reached(running, engine);
        running.kill(signal);
        const { code, stderr, signal: killedBy } = await running.end();
        assert.deepEqual([code, killedBy], [130, null]);
        const said = stderr.replace(/The log stream ended; reconnecting in 1 s\n/, "");
        assert.equal(said, bodies.length === 0 ? "" : WAITING);
      });
    });
  }
}

Deno.test("`server logs --follow` prints lines immediately, and continues after a reconnect", async () => {
  const later = { ...LINE, timestamp: "2026-11-21T11:00:02Z", line: "the next line" };
  const again = `${EVENT}data: ${JSON.stringify(later)}\n\n`;
  const bodies = [
    () => body(EVENT, { isOpen: false }),
    () => body(again, { isOpen: true }),
  ];
  await withEngine(bodies, async (machine, engine) => {
    const running = machine.start(follow);
    await running.printed(/the next line\n/);
    running.kill("SIGINT");
    const { stdout } = await running.end();
    assert.deepEqual(stdout.trimEnd().split("\n").map((line) => line.slice(29)), [
      "a line of the log",
      "the next line",
    ]);
    const [, , second] = engine.seen.map(({ path }) => new URL(path, engine.url).searchParams);
    assert.equal(second?.get("start_time_utc"), "2026-11-21T11:00:01.000000+00:00");
  });
});
