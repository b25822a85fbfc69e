import assert from "node:assert/strict";
import { blocksOf, followPage, Reader } from "../../support/reader.ts";
import { ROOT } from "../../support/root.ts";
import { TestMachine } from "../../support/test_machine.ts";
import { withoutPython } from "../../support/test_server.ts";

/** Pages, and what their reader has: an account, or the folder of an example. */
const PAGES: Readonly<Record<string, { readonly account?: true; readonly example?: string }>> = {
  "api-keys-and-projects.md": {},
  "clients.md": { example: "github-workflow" },
  "grants.md": {},
  "secrets.md": { account: true },
  "self-hosted.md": {},
  "telemetry.md": {},
  "test-an-application.md": {},
};

/** Pages with commands that no test here follows, and why. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  "administrators.md": "root, and files of the whole machine",
  "benchmarks.md": "takes minutes",
  "completion.md": "tests/end_to_end/cli/completion_test.ts installs the scripts",
  "deploy.md": "servers and ports are examples; first-server.md deploys one",
  "first-server.md": "needs PyPI: tests/end_to_end/python_cli/documents_test.ts",
  "gateways.md": "gateways and servers are examples",
  "github-actions.md": "tests/end_to_end/documents/examples_test.ts runs the workflow",
  "identities.md": "hubs are examples",
  "install.md": "needs a release",
  "local-arcade.md": "files and ports are examples",
  "login.md": "people, other devices and installations are examples",
  "releasing.md": "needs a release",
  "run-a-server.md": "servers and ports are examples",
  "scripts.md": "files, keys and servers are examples",
  "security.md": "folders and certificates are examples",
  "servers.md": "servers are examples",
  "tools.md": "tools and servers are examples",
  "troubleshooting.md": "shows what to look at where something failed",
};

for (const [page, { account, example }] of Object.entries(PAGES)) {
  Deno.test({
    name: `a reader who follows docs/${page} sees what it shows`,
    ignore: Deno.build.os === "windows" || (example !== undefined && withoutPython),
    async fn() {
      await using machine = account ? await TestMachine.loggedIn() : new TestMachine();
      await using reader = new Reader(machine, example === undefined ? {} : { example });
      await followPage(reader, `docs/${page}`);
    },
  });
}

Deno.test("each page with commands is followed, or there is a reason why not", () => {
  const withCommands = [...Deno.readDirSync(`${ROOT}/docs`)].map(({ name }) => name)
    .filter((name) => name.endsWith(".md"))
    .filter((name) => blocksOf(Deno.readTextFileSync(`${ROOT}/docs/${name}`)).length > 0);
  const known = [...Object.keys(PAGES), ...Object.keys(EXCEPTIONS)];
  assert.deepEqual(withCommands.sort(), known.sort());
});
