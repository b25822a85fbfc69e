import assert from "node:assert/strict";
import { browserCommands, hasBrowser } from "../../../src/cli/account/browser.ts";

const URL = "http://127.0.0.1/authorize?a=b&c=$d";

Deno.test("browserCommands() uses $BROWSER, a list with %s for the address", () => {
  const commands = browserCommands({ os: "linux", env: { BROWSER: "firefox --new %s:lynx" } }, URL);
  assert.deepEqual(commands, [["firefox", "--new", URL], ["lynx", URL]]);
});

Deno.test("browserCommands() hands the address to a program, never to a shell", () => {
  for (const os of ["linux", "darwin", "windows", "other"] as const) {
    for (const [program, ...args] of browserCommands({ os, env: {} }, URL)) {
      assert(!["sh", "bash", "cmd", "powershell"].includes(program ?? ""));
      assert(args.includes(URL));
    }
  }
});

Deno.test("hasBrowser() expects none over SSH, in a container, or without a display", () => {
  assert.equal(
    hasBrowser({ os: "linux", env: { DISPLAY: ":0", SSH_CONNECTION: "a b c d" } }),
    false,
  );
  assert.equal(hasBrowser({ os: "darwin", env: { SSH_TTY: "/dev/pts/0" } }), false);
  assert.equal(hasBrowser({ os: "linux", env: { DISPLAY: ":0", container: "podman" } }), false);
  assert.equal(hasBrowser({ os: "linux", env: {} }), false);
});

Deno.test("hasBrowser() believes $BROWSER, even over SSH", () => {
  assert.equal(hasBrowser({ os: "linux", env: { BROWSER: "w3m", SSH_CONNECTION: "a" } }), true);
});
