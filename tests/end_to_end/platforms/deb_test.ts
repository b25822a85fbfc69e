import assert from "node:assert/strict";
import { NOTICES_FILE } from "../../../src/commands/notices.ts";
import { VERSION } from "../../../src/version.ts";
import { output } from "../../../scripts/process.ts";
import { deb } from "../../../scripts/release/deb.ts";
import { manualFiles } from "../../../scripts/release/manual.ts";
import { readRepository } from "../../../scripts/repository.ts";
import { testsPlatforms } from "../../support/platforms.ts";
import { areInstalled } from "../../support/programs.ts";
import { BINARY, TestMachine } from "../../support/test_machine.ts";

Deno.test({
  name: "lintian finds nothing wrong in the package for Debian, whose executable runs",
  ignore: !testsPlatforms || !areInstalled("dpkg-deb", "lintian") ||
    Deno.build.target !== "x86_64-unknown-linux-gnu",
  fn: async () => {
    await using machine = new TestMachine();
    const notices = (await machine.run(["help", "licenses"])).stdout;
    const release = {
      version: VERSION,
      repository: readRepository("https://github.com/example/arcade"),
      time: 1_700_000_000,
      publicKeys: [],
      isForPublication: true,
    };
    const content = await deb(release, "amd64", {
      executable: Deno.readFileSync(BINARY),
      files: [
        { path: NOTICES_FILE, content: new TextEncoder().encode(notices), isExecutable: false },
        ...await manualFiles(),
      ],
    });
    const path = `${machine.path}/arcade_${VERSION}_amd64.deb`;
    Deno.writeFileSync(path, content);
    const fails = ["--fail-on", "error,warning"];
    assert.equal(await output("lintian", ["--allow-root", ...fails, path]), "");
    await output("dpkg-deb", ["--extract", path, `${machine.path}/root`]);
    const { stdout } = await machine.startProgram([
      `${machine.path}/root/usr/bin/arcade`,
      "--version",
    ])
      .end();
    assert.equal(stdout, `${VERSION}\n`);
  },
});
