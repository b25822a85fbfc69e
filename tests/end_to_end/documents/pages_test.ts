import assert from "node:assert/strict";
import { areInstalled } from "../../support/programs.ts";
import { blocksOf, followPage, Reader } from "../../support/reader.ts";
import { ROOT } from "../../support/root.ts";
import { TestMachine } from "../../support/test_machine.ts";

/** Pages, and what their reader has: an account, or the folder of an example. */
const PAGES: Readonly<Record<string, { readonly account?: true; readonly example?: string }>> = {
  "api-keys-and-projects.md": {},
  "clients.md": { example: "github-workflow" },
  "completion.md": {},
  "gateways.md": { example: "application" },
  "grants.md": {},
  "identities.md": {},
  "secrets.md": { account: true },
  "self-hosted.md": {},
  "servers.md": { example: "application" },
  "telemetry.md": {},
  "tools.md": { example: "application" },
  "test-an-application.md": {},
};

/** Pages with commands that no test here follows, and why. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  "administrators.md": "root, and files of the whole machine",
  "benchmarks.md": "takes minutes",
  "deploy.md": "servers and ports are examples; first-server.md deploys one",
  "dev.md": "needs a terminal, and servers are examples",
  "first-server.md": "needs PyPI: tests/end_to_end/python_cli/documents_test.ts",
  "github-actions.md": "tests/end_to_end/documents/examples_test.ts runs the workflow",
  "install.md": "needs a release",
  "local-arcade.md": "servers and codes are examples; the other pages use it",
  "login.md": "people, other devices and installations are examples",
  "releasing.md": "needs a release",
  "run-a-server.md": "servers and ports are examples",
  "scripts.md": "files, keys and servers are examples",
  "security.md": "folders and certificates are examples",
  "troubleshooting.md": "shows what to look at where something failed",
};

/** Whether a program is missing that the server of an example needs. */
const withoutPrograms = !areInstalled("node", "python3");

for (const [page, { account, example }] of Object.entries(PAGES)) {
  Deno.test({
    name: `a reader who follows docs/${page} sees what it shows`,
    ignore: Deno.build.os === "windows" || (example !== undefined && withoutPrograms),
    async fn() {
      await using machine = account ? await TestMachine.loggedIn() : new TestMachine();
      await using reader = new Reader(
        machine,
        example === undefined ? {} : { example, programs: Deno.env.get("PATH")?.split(":") ?? [] },
      );
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
