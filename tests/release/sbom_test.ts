import assert from "node:assert/strict";
import { bundle, type Package } from "../../scripts/bundle.ts";
import { componentsOf } from "../../scripts/components.ts";
import { sha256 } from "../../src/secrecy/hash.ts";
import { type Lock, sbom } from "../../scripts/release/sbom.ts";
import { readRepository } from "../../scripts/repository.ts";
import { CYCLONEDX } from "../../scripts/schemas.ts";
import { forEachTarget, TARGETS } from "../../scripts/targets.ts";
import { TOPIC_TEXTS } from "../../src/commands/topics.ts";
import { isAvailable } from "../support/test_machine.ts";
import { ROOT } from "../support/root.ts";

const LOCK: Lock = JSON.parse(Deno.readTextFileSync(`${ROOT}/deno.lock`));

/** The packages that the source imports. */
function importedPackages(folder: string): string[] {
  const { imports }: { imports: Record<string, string> } = JSON.parse(
    Deno.readTextFileSync(`${ROOT}/deno.json`),
  );
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    if (isDirectory) return importedPackages(`${folder}/${name}`);
    const code = Deno.readTextFileSync(`${folder}/${name}`);
    return Object.keys(imports).filter((one) =>
      new RegExp(`^(?:import (?!type )|export )[^;]*? from "${one}[/"]`, "m").test(code) ||
      code.includes(`import("${one}`)
    );
  });
}

/** What the executable contains in addition to arcade. */
async function embedded(): Promise<readonly Package[]> {
  const folder = await Deno.makeTempDir();
  try {
    return (await bundle(`${ROOT}/main.ts`, folder)).packages;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const PACKAGES = await embedded();
const COMPONENTS = componentsOf(PACKAGES, { deno: "2.9.6", v8: "14.9.207.2-rusty" });

async function document(): Promise<string> {
  const release = {
    version: "1.2.3",
    repository: readRepository("https://github.com/Example/arcade"),
    time: 1_700_000_000,
    publicKeys: [],
    isForPublication: true,
  };
  const runtimes = await forEachTarget((target) => sha256(new TextEncoder().encode(target)));
  return await sbom(release, { components: COMPONENTS, runtimes, lock: LOCK });
}

Deno.test("the packages of an executable are those that the source imports", () => {
  const names = PACKAGES.map(({ name }) => name);
  const imported = [...new Set(importedPackages(`${ROOT}/src`))];
  assert(imported.length > 5, imported.join());
  for (const name of imported) assert(names.includes(name), name);
  const allowed = new Set(imported);
  for (const [id, { dependencies = [] }] of Object.entries(LOCK.npm)) {
    if (allowed.has(id.replace(/@[^@]*$/, ""))) {
      for (const one of dependencies) allowed.add(one.replace(/(?<=.)@.*$/, ""));
    }
  }
  assert.deepEqual(names.filter((name) => !allowed.has(name)), []);
});

Deno.test("the bill of materials has exactly the contents of the executables", async () => {
  const { metadata, components, dependencies: graph } = JSON.parse(await document());
  assert.equal(metadata.timestamp, "2023-11-14T22:13:20.000Z");
  const purls = components.map(({ purl }: { purl: string }) => purl);
  assert.deepEqual(purls, COMPONENTS.map(({ purl }) => purl));
  assert(purls.includes(`pkg:npm/hono@${PACKAGES.find(({ name }) => name === "hono")?.version}`));
  assert(purls.includes("pkg:github/denoland/deno@v2.9.6"));
  assert(purls.includes("pkg:github/v8/v8@14.9.207.2"));
  const named = (name: string) => components.find((one: { name: string }) => one.name === name);
  assert.match(named("hono").hashes[0].content, /^[0-9a-f]{128}$/);
  assert.deepEqual(
    named("deno").components.map(({ name, hashes }: { name: string; hashes: unknown }) => ({
      name,
      hashes,
    })),
    await Promise.all(TARGETS.map(async (target) => ({
      name: `denort-${target}`,
      hashes: [{ alg: "SHA-256", content: await sha256(new TextEncoder().encode(target)) }],
    }))),
  );

  const refs = new Set([metadata.component["bom-ref"], ...purls]);
  assert.deepEqual(new Set(graph.map(({ ref }: { ref: string }) => ref)), refs);
  const reached = new Set<string>();
  const visit = (ref: string): void => {
    reached.add(ref);
    const node = graph.find((one: { ref: string }) => one.ref === ref);
    for (const one of node?.dependsOn ?? []) visit(one);
  };
  visit(metadata.component["bom-ref"]);
  assert.deepEqual(reached, refs);
});

Deno.test("the bill of materials names the license and the supplier of everything", async () => {
  const { metadata, components } = JSON.parse(await document());
  const arcade = { name: "Arcade", url: ["https://github.com/Example/arcade"] };
  assert.deepEqual([metadata.supplier, metadata.component.supplier], [arcade, arcade]);
  for (const { name, licenses, supplier } of components) {
    assert.match(licenses[0].license.id, /^(?:MIT|BSD-3-Clause|Apache-2\.0)$/, name);
    assert.match(supplier.name, /^\w[\w ,.-]+$/, name);
  }
  // `arcade help licenses` says the same in short.
  const rows = new Map(TOPIC_TEXTS.licenses.rows);
  const idOf = (name: string) => COMPONENTS.find((one) => one.name === name)?.license;
  assert.deepEqual([rows.get("Deno"), rows.get("V8")], [idOf("deno"), idOf("v8")]);
  const ofPackages = [...new Set(PACKAGES.map(({ license }) => license))].sort().reverse();
  assert.deepEqual(rows.get("npm packages")?.split(/, | or /), ofPackages);
});

Deno.test("the serial number of a bill of materials is a UUID of its content", async () => {
  const { serialNumber } = JSON.parse(await document());
  assert.match(serialNumber, /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-\w{12}$/);
  assert.equal(JSON.parse(await document()).serialNumber, serialNumber);
});

/** Validates bills of materials strictly: a list of them on stdin, and on stdout what is wrong with each, or null. */
const VALIDATE = `import json, sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
validator = JsonStrictValidator(SchemaVersion.V1_6)
errors = [validator.validate_str(bill) for bill in json.load(sys.stdin)]
json.dump([error and str(error) for error in errors], sys.stdout)`;
const PYTHON = { PYTHONPATH: CYCLONEDX };

Deno.test({
  name: "the strict validator of CycloneDX accepts the bill of materials, and rejects invalid ones",
  ignore: !isAvailable(
    "the Python package cyclonedx-python-lib (`deno task test:platforms` installs it)",
    () =>
      new Deno.Command("python3", {
        args: ["-c", "import cyclonedx, jsonschema"],
        env: PYTHON,
        stderr: "null",
      }).outputSync().success,
  ),
  fn: async () => {
    const bill = await document();
    const wrong = [["urn:uuid:", "uuid:"], ['"MIT"', '"Mit"'], ["purl", "pURL"]].map((
      [from = "", to = ""],
    ) => {
      assert(bill.includes(from), from);
      return bill.replace(from, to);
    });
    const validator = new Deno.Command("python3", {
      args: ["-c", VALIDATE],
      env: PYTHON,
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    await new Blob([JSON.stringify([bill, ...wrong])]).stream().pipeTo(validator.stdin);
    const [error, ...errors] = JSON.parse(
      new TextDecoder().decode((await validator.output()).stdout),
    );
    assert.equal(error, null);
    assert.deepEqual(errors.map((one: unknown) => typeof one), wrong.map(() => "string"));
  },
});
