import assert from "node:assert/strict";
import { readPackage } from "../../scripts/bundle.ts";
import { componentsOf, noticesOf } from "../../scripts/components.ts";
import { ROOT } from "../support/root.ts";

const MANIFEST = {
  name: "@x/one",
  version: "1.2.3",
  license: "MIT",
  repository: { url: "git+https://github.com/Example/one.git" },
};

/** Reads a package with these files. */
function read(manifest: object, files: Readonly<Record<string, string>>) {
  const folder = Deno.makeTempDirSync({ prefix: "arcade-package-" });
  try {
    Deno.writeTextFileSync(`${folder}/package.json`, JSON.stringify(manifest));
    for (const [name, text] of Object.entries(files)) {
      Deno.writeTextFileSync(`${folder}/${name}`, text);
    }
    return readPackage(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

for (const name of ["LICENSE", "license", "LICENCE.md", "License-MIT.txt", "COPYING"]) {
  Deno.test(`the license of a package is read from ${name}`, () => {
    assert.equal(read(MANIFEST, { [name]: "The terms\r\n1\r\n\r\n" }).notices, "The terms\n1\n");
  });
}

Deno.test("all license texts of a package are kept, with its notices", () => {
  const { notices } = read(MANIFEST, {
    "LICENSE": "The terms",
    "LICENSE-3RD-PARTY.txt": "Others",
    "NOTICE": "A notice",
    "licenses.js": "code",
    "notice.js.map": "",
    "README.md": "# One",
  });
  assert.equal(notices, "The terms\n\nOthers\n\nA notice\n");
});

for (
  const [what, manifest, files, message] of [
    ["text", MANIFEST, { "README.md": "MIT" }, "@x/one@1.2.3 has no license text"],
    ["text, as it is empty", MANIFEST, { LICENSE: "\n" }, "@x/one@1.2.3 has no license text"],
    ["identifier", { ...MANIFEST, license: undefined }, {
      LICENSE: "The terms",
    }, "@x/one@1.2.3 does not declare a license"],
  ] as const
) {
  Deno.test(`a package without a license ${what} fails the build`, () => {
    assert.throws(() => read(manifest, files), new Error(message));
  });
}

for (
  const [supplier, fields] of [
    ["Jane Doe", { author: "Jane Doe <jane@example.com> (https://example.com)" }],
    ["Jane Doe", { author: { name: "Jane Doe" } }],
    ["Example", {}],
    ["example", { repository: "github:example/one" }],
    ["example", { repository: "example/one" }],
  ] as const
) {
  Deno.test(`the supplier of a package with ${JSON.stringify(fields)} is ${supplier}`, () => {
    assert.equal(read({ ...MANIFEST, ...fields }, { LICENSE: "The terms" }).supplier, supplier);
  });
}

Deno.test("a package without a supplier fails the build", () => {
  assert.throws(
    () => read({ ...MANIFEST, repository: undefined }, { LICENSE: "The terms" }),
    /names neither an author nor a repository/,
  );
});

Deno.test("the notices have the license of arcade, and the texts of all components", () => {
  const one = read(MANIFEST, { LICENSE: "The terms of one" });
  const notices = noticesOf(componentsOf([one], { deno: "2.9.6", v8: "14.9.207.2-rusty" }));
  assert(notices.includes(Deno.readTextFileSync(`${ROOT}/LICENSE`)));
  assert.deepEqual(
    [...notices.matchAll(/^-{80}\n(.*)\n-{80}\n\n(.*)\n/gm)].map((found) => found.slice(1)),
    [
      ["@x/one 1.2.3 (MIT)", "The terms of one"],
      ["deno 2.9.6 (MIT)", "MIT License"],
      [
        "v8 14.9.207.2-rusty (BSD-3-Clause)",
        "This license applies to all parts of V8 that are not externally",
      ],
    ],
  );
  assert.match(notices, /\nCopyright 2018-\d{4} the Deno authors\n/);
  assert.match(notices, /\nCopyright 2014, the V8 project authors\. All rights reserved\.\n/);
});
