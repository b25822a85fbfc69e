import assert from "node:assert/strict";
import { bundle } from "../../scripts/bundle.ts";
import { type Lock, sbom } from "../../scripts/release/sbom.ts";
import { readRepository } from "../../scripts/repository.ts";
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
      new RegExp(`^(?:import (?!type )|export ).* from "${one}[/"]`, "m").test(code) ||
      code.includes(`import("${one}`)
    );
  });
}

Deno.test("the bill of materials has exactly the contents of the executable", async () => {
  const folder = await Deno.makeTempDir();
  const { packages } = await bundle(`${ROOT}/main.ts`, folder);
  await Deno.remove(folder, { recursive: true });
  const names = packages.map(({ name }) => name);
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

  const release = {
    version: "1.2.3",
    repository: readRepository("https://github.com/Example/arcade"),
    time: 1_700_000_000,
    publicKey: "",
    isForPublication: true,
  };
  const runtime = { deno: "2.9.6", v8: "14.9.207.2-rusty" };
  const document = JSON.parse(sbom(release, { packages, lock: LOCK, runtime }));
  assert.equal(document.metadata.timestamp, "2023-11-14T22:13:20.000Z");
  const purls = document.components.map(({ purl }: { purl: string }) => purl);
  assert.equal(purls.length, packages.length + 2);
  assert(purls.includes(`pkg:npm/hono@${packages.find(({ name }) => name === "hono")?.version}`));
  assert(purls.includes("pkg:github/denoland/deno@v2.9.6"));
  assert(purls.includes("pkg:github/v8/v8@14.9.207.2"));
  const hono = document.components.find(({ name }: { name: string }) => name === "hono");
  assert.match(hono.hashes[0].content, /^[0-9a-f]{128}$/);

  const refs = new Set([document.metadata.component["bom-ref"], ...purls]);
  const graph: { ref: string; dependsOn: string[] }[] = document.dependencies;
  assert.deepEqual(new Set(graph.map(({ ref }) => ref)), refs);
  const reached = new Set<string>();
  const visit = (ref: string): void => {
    reached.add(ref);
    for (const one of graph.find((node) => node.ref === ref)?.dependsOn ?? []) visit(one);
  };
  visit(document.metadata.component["bom-ref"]);
  assert.deepEqual(reached, refs);
});
