import assert from "node:assert/strict";
import { browserCommands, canOpen } from "../../../src/commands/shared/browser.ts";

const URL = "http://127.0.0.1/authorize?a=b&c=$d";

Deno.test("browserCommands() uses $BROWSER, a list with %s for the address", () => {
  const commands = browserCommands({
    machine: { os: "linux" },
    env: { BROWSER: "firefox --new %s:lynx" },
  }, URL);
  assert.deepEqual(commands, [["firefox", "--new", URL], ["lynx", URL]]);
});

const entries: [entry: string, words: string[]][] = [
  ["firefox", ["firefox", URL]],
  [`"/opt/my browser/bin" --new`, ["/opt/my browser/bin", "--new", URL]],
  ["'/opt/my browser/bin'", ["/opt/my browser/bin", URL]],
  [`/opt/"my browser"/bin '--title=a b' %s`, ["/opt/my browser/bin", "--title=a b", URL]],
  [`firefox '%s'`, ["firefox", URL]],
  [`firefox "--url=%s"`, ["firefox", `--url=${URL}`]],
  ["/there/my browser", ["/there/my browser", URL]],
  ["/there/it's one", ["/there/it's one", URL]],
  [" firefox  --new ", ["firefox", "--new", URL]],
];
for (const [entry, words] of entries) {
  Deno.test(`browserCommands() reads the entry ${entry}`, () => {
    const isProgram = (path: string) => path.startsWith("/there/");
    assert.deepEqual(
      browserCommands({ machine: { os: "linux" }, env: { BROWSER: entry } }, URL, isProgram),
      [
        words,
      ],
    );
  });
}

Deno.test("browserCommands() accepts a full path on Windows", () => {
  const BROWSER = "C:\\Program Files\\Browser\\browser.exe";
  assert.deepEqual(
    browserCommands({ machine: { os: "windows" }, env: { BROWSER } }, URL, () => true),
    [
      [BROWSER, URL],
    ],
  );
});

Deno.test("browserCommands() uses the opener of Windows itself, regardless of PATH", () => {
  assert.deepEqual(
    browserCommands({ machine: { os: "windows" }, env: { SYSTEMROOT: "D:\\Windows" } }, URL),
    [
      ["D:\\Windows\\System32\\rundll32.exe", "url.dll,FileProtocolHandler", URL],
    ],
  );
});

Deno.test("browserCommands() passes the address to a program, never to a shell", () => {
  for (const os of ["linux", "darwin", "windows", "other"] as const) {
    for (const [program, ...args] of browserCommands({ machine: { os }, env: {} }, URL)) {
      assert(!["sh", "bash", "cmd", "powershell"].includes(program ?? ""));
      assert(args.includes(URL));
    }
  }
});

Deno.test("canOpen() is false over SSH, in a container, and without a display", () => {
  assert.equal(
    canOpen({ machine: { os: "linux" }, env: { DISPLAY: ":0", SSH_CONNECTION: "a b c d" } }),
    false,
  );
  assert.equal(canOpen({ machine: { os: "darwin" }, env: { SSH_TTY: "/dev/pts/0" } }), false);
  assert.equal(
    canOpen({ machine: { os: "linux" }, env: { DISPLAY: ":0", container: "podman" } }),
    false,
  );
  assert.equal(canOpen({ machine: { os: "linux" }, env: {} }), false);
});

Deno.test("canOpen() is true with $BROWSER, even over SSH", () => {
  assert.equal(
    canOpen({ machine: { os: "linux" }, env: { BROWSER: "w3m", SSH_CONNECTION: "a" } }),
    true,
  );
});
