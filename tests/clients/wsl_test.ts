import assert from "node:assert/strict";
import { windowsFolders } from "../../src/clients/wsl.ts";
import { writeProgram } from "../support/executable_files.ts";
import { ProjectFolder } from "../support/project_folder.ts";

/** A folder of PATH with the programs of Windows and WSL, as scripts. */
class FakeWindows extends ProjectFolder {
  constructor(scripts: Readonly<Record<string, string>>) {
    super({});
    for (const [name, script] of Object.entries(scripts)) {
      writeProgram(`${this.path}/${name}`, `#!/bin/sh\n${script}\n`);
    }
  }
}

const WSLPATH = `printf '%s\\n' "$2" | /bin/sed 's#^[A-Z]:#/mnt/c#; s#\\\\#/#g'`;
const VARIABLES = ["USERPROFILE", "APPDATA", "LOCALAPPDATA"].map((name) => `%${name}%`).join("?");
const ignore = Deno.build.os === "windows";

Deno.test({
  name: "Windows reports the folders of the user, also with letters that are not ASCII",
  ignore,
  async fn() {
    const answer = "C:\\Users\\Jörg?C:\\Users\\Jörg\\Roaming?C:\\Users\\Jörg\\Local\r\n";
    const bytes = [...answer].map((one) => {
      const code = one.charCodeAt(0);
      return `\\${(code & 255).toString(8)}\\${(code >> 8).toString(8)}`;
    });
    using fake = new FakeWindows({
      "cmd.exe": `[ "$*" = '/d /u /c echo ${VARIABLES}' ] && printf '${bytes.join("")}'`,
      wslpath: WSLPATH,
    });
    assert.deepEqual(await windowsFolders(fake.path), {
      USERPROFILE: "/mnt/c/Users/Jörg",
      APPDATA: "/mnt/c/Users/Jörg/Roaming",
      LOCALAPPDATA: "/mnt/c/Users/Jörg/Local",
    });
  },
});

for (
  const [what, scripts] of [
    ["there is no wslpath", { "cmd.exe": "exit 1" }],
    ["it fails", { "cmd.exe": "exit 1", wslpath: WSLPATH }],
    ["a variable is not set", { "cmd.exe": `echo '${VARIABLES}'`, wslpath: WSLPATH }],
  ] as const
) {
  Deno.test({
    name: `Windows reports no folders when ${what}`,
    ignore,
    async fn() {
      using fake = new FakeWindows(scripts);
      assert.equal(await windowsFolders(fake.path), undefined);
    },
  });
}
