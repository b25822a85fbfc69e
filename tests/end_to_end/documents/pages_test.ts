import { followPage, Reader } from "../../support/reader.ts";
import { TestMachine } from "../../support/test_machine.ts";

/** Pages that a reader with an account follows, and pages that need none. */
const PAGES = {
  account: ["docs/secrets.md"],
  none: [
    "docs/api-keys-and-projects.md",
    "docs/grants.md",
    "docs/self-hosted.md",
    "docs/test-an-application.md",
  ],
};

for (const [needs, pages] of Object.entries(PAGES)) {
  for (const page of pages) {
    Deno.test({
      name: `a reader who follows ${page} sees what it shows`,
      ignore: Deno.build.os === "windows",
      async fn() {
        await using machine = needs === "account"
          ? await TestMachine.loggedIn()
          : new TestMachine();
        await followPage(new Reader(machine), page);
      },
    });
  }
}
