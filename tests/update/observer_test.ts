import assert from "node:assert/strict";
import type { NoticeContext } from "../../src/update/notice.ts";
import { readUpdateState } from "../../src/update/state.ts";
import { observeForUpdates } from "../../src/update/observer.ts";
import { VERSION } from "../../src/version.ts";

const NEWER = "9.9.9";
const NOW = new Date("2026-03-01T12:00:00Z");
const hoursAgo = (hours: number) => new Date(NOW.getTime() - hours * 3_600_000).toISOString();
const NOTICE = `arcade ${NEWER} is available; you have ${VERSION}`;

interface Situation {
  readonly state?: unknown;
  readonly env?: NoticeContext["env"];
  readonly isPiped?: "stdout" | "stderr";
  readonly words?: readonly string[];
  readonly isForPrograms?: boolean;
  readonly repository?: string | undefined;
  readonly policy?: string;
}

/** Runs the update watch for one command; returns its output, update checks, kept permissions and files. */
async function runIn(situation: Situation) {
  const { state, env = {}, isPiped, words = ["whoami"], isForPrograms = false } = situation;
  const policyFile = Deno.makeTempFileSync({ prefix: "arcade-test-" });
  if (situation.policy === undefined) Deno.removeSync(policyFile);
  else Deno.writeTextFileSync(policyFile, situation.policy);
  const folder = Deno.makeTempDirSync({ prefix: "arcade-test-" });
  const path = `${folder}/update-check.json`;
  const text = typeof state === "string" ? state : JSON.stringify(state);
  if (state !== undefined) Deno.writeTextFileSync(path, text, { mode: 0o600 });
  let printed = "";
  let checks = 0;
  try {
    const watch = await observeForUpdates({
      env,
      io: {
        stdout: { isTerminal: isPiped !== "stdout" },
        stderr: { isTerminal: isPiped !== "stderr", write: (text) => void (printed += text) },
      },
      machine: { os: "linux" },
      files: { folder: () => folder, policyFile },
      clock: { now: () => NOW },
      processes: { startUpdateCheck: () => Promise.resolve(void checks++) },
    }, "repository" in situation ? situation.repository : "https://example.com/owner/arcade");
    await watch?.ended({ words, isForPrograms });
    const permissions = watch?.permissions.join(" ");
    return { printed, checks, permissions, files: filesIn(folder), state: readUpdateState(folder) };
  } finally {
    Deno.removeSync(folder, { recursive: true });
    if (situation.policy !== undefined) Deno.removeSync(policyFile);
  }
}

function filesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

Deno.test("the first command checks for a newer version and prints nothing yet", async () => {
  const { printed, checks, permissions, state } = await runIn({});
  assert.deepEqual([printed, checks, permissions], ["", 1, "read write run"]);
  assert.deepEqual(state.checkedAt, NOW);
});

Deno.test("a newer version is announced once a day", async () => {
  const recent = { checked_at: hoursAgo(1), newest: NEWER };
  const first = await runIn({ state: recent });
  assert(first.printed.startsWith(NOTICE) && first.printed.endsWith("\n"), first.printed);
  assert.deepEqual([first.checks, first.permissions], [0, "read write"]);
  assert.deepEqual(first.state, {
    checkedAt: new Date(hoursAgo(1)),
    toldAt: NOW,
    newest: NEWER,
  });
  const soon = await runIn({ state: { ...recent, told_at: hoursAgo(23) } });
  assert.deepEqual([soon.printed, soon.permissions], ["", undefined]);
  const later = await runIn({ state: { ...recent, told_at: hoursAgo(25) } });
  assert(later.printed.startsWith(NOTICE));
});

Deno.test("the check for a newer version runs once a day", async () => {
  assert.equal((await runIn({ state: { checked_at: hoursAgo(23) } })).checks, 0);
  assert.equal((await runIn({ state: { checked_at: hoursAgo(25) } })).checks, 1);
  // A time in the future does not stop the checks.
  assert.equal((await runIn({ state: { checked_at: "2099-01-01T00:00:00Z" } })).checks, 1);
});

for (const newest of [VERSION, "0.0.1", "x", 7, null]) {
  Deno.test(`${JSON.stringify(newest)} is not announced`, async () => {
    const { printed } = await runIn({ state: { checked_at: hoursAgo(25), newest } });
    assert.equal(printed, "");
  });
}

const due = { checked_at: hoursAgo(25), newest: NEWER };
const quiet: Record<string, Situation> = {
  "in a pipe": { isPiped: "stdout" },
  "when stderr is not a terminal": { isPiped: "stderr" },
  "in CI": { env: { CI: "true" } },
  "with ARCADE_NO_UPDATE_CHECK": { env: { ARCADE_NO_UPDATE_CHECK: "1" } },
  "with ARCADE_DISABLE_AUTOUPDATE": { env: { ARCADE_DISABLE_AUTOUPDATE: "1" } },
  "with ARCADE_NO_BACKGROUND_TRAFFIC": { env: { ARCADE_NO_BACKGROUND_TRAFFIC: "1" } },
  "under a policy": { policy: "background_traffic = false\n" },
  "in a build without a repository": { repository: undefined },
  "for --json": { isForPrograms: true },
  "for update": { words: ["update"] },
  "for completion": { words: ["completion"] },
  "for mcp": { words: ["mcp"] },
};
for (const [when, situation] of Object.entries(quiet)) {
  Deno.test(`nothing is announced, checked or written ${when}`, async () => {
    const { printed, checks, files, state } = await runIn({ state: due, ...situation });
    assert.deepEqual([printed, checks, files], ["", 0, ["update-check.json"]]);
    assert.deepEqual(state.checkedAt, new Date(hoursAgo(25)));
  });
}

Deno.test("an invalid state file is replaced", async () => {
  for (const state of ["", "no JSON", "[]", '{"checked_at":7}', '{"checked_at":"soon"}']) {
    const { checks, printed, state: written } = await runIn({ state });
    assert.deepEqual([checks, printed, written.checkedAt], [1, "", NOW], state);
  }
});

Deno.test("an unknown folder or a failed process start does not affect a command", async () => {
  const context: NoticeContext = {
    env: {},
    io: {
      stdout: { isTerminal: true },
      stderr: { isTerminal: true, write: () => assert.fail("Something was printed") },
    },
    machine: { os: "linux" },
    files: {
      policyFile: "/nowhere/policy.toml",
      folder: () => {
        throw new Error("unknown");
      },
    },
    clock: { now: () => NOW },
    processes: { startUpdateCheck: () => Promise.reject(new Error("refused")) },
  };
  assert.equal(await observeForUpdates(context, "https://example.com/owner/arcade"), undefined);
  const folder = Deno.makeTempDirSync({ prefix: "arcade-test-" });
  try {
    const watch = await observeForUpdates(
      { ...context, files: { ...context.files, folder: () => folder } },
      "https://example.com/owner/arcade",
    );
    await watch?.ended({ words: ["whoami"], isForPrograms: false });
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
