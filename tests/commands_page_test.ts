import assert from "node:assert/strict";
import { briefsModule } from "../scripts/briefs_module.ts";
import { commandReference } from "../scripts/command_reference.ts";
import { PAGES_WITH_TOPICS, withTopics } from "../scripts/topic_blocks.ts";
import { TOPIC_TEXTS } from "../src/commands/topics.ts";

const read = (path: string) => Deno.readTextFile(new URL(`../${path}`, import.meta.url));

Deno.test("docs/commands.md equals the output of `deno task docs`", async () => {
  assert.equal(await read("docs/commands.md"), await commandReference());
});

Deno.test("src/commands/briefs.ts equals the output of `deno task docs`", async () => {
  assert.equal(await read("src/commands/briefs.ts"), await briefsModule());
});

for (const path of PAGES_WITH_TOPICS) {
  Deno.test(`${path} has the topics of \`arcade help\` as written by \`deno task docs\``, async () => {
    const page = await read(path);
    assert.equal(page, await withTopics(page));
  });
}

Deno.test("docs/ has every topic of `arcade help` exactly once", async () => {
  const pages = await Promise.all(PAGES_WITH_TOPICS.map(read));
  const inBlocks = pages.flatMap((page) =>
    [...page.matchAll(/<!-- topic: (\S+) -->/g)].map(([, name]) => name)
  );
  const commands = await read("docs/commands.md");
  const inCommands = Object.entries(TOPIC_TEXTS)
    .filter(([, { title }]) => commands.includes(`\n### ${title}\n`)).map(([topic]) => topic);
  assert.deepEqual([...inBlocks, ...inCommands].sort(), Object.keys(TOPIC_TEXTS).sort());
});
