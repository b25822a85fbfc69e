/**
 * `deno task docs`: writes docs/commands.md, the tables of other pages, and src/commands/briefs.ts, from the declarations of the
 * commands and topics.
 */

import { briefsModule } from "./briefs_module.ts";
import { commandReference } from "./command_reference.ts";
import { PAGES_WITH_TOPICS, withTopics } from "./topic_blocks.ts";

const root = `${import.meta.dirname}/../`;
await Deno.writeTextFile(`${root}docs/commands.md`, await commandReference());
await Deno.writeTextFile(`${root}src/commands/briefs.ts`, await briefsModule());
for (const page of PAGES_WITH_TOPICS) {
  const path = root + page;
  await Deno.writeTextFile(path, await withTopics(await Deno.readTextFile(path)));
}
