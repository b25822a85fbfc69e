/** The blocks in docs/ with topics of `arcade help`, between comments with their names. */

import type { TopicText } from "../src/cli/program.ts";
import { HELP_TEXTS } from "../src/commands/help_texts.ts";
import { formatted, table } from "./markdown.ts";

/** The pages with topic blocks. */
export const PAGES_WITH_TOPICS = ["docs/scripts.md", "docs/security.md", "docs/telemetry.md"];

/** A page with its blocks regenerated. */
export async function withTopics(page: string): Promise<string> {
  return await formatted(
    page.replace(
      /(<!-- topic: (\S+) -->\n)[^]*?(<!-- end of the topic -->)/g,
      (_, begin, name, end) => {
        const topic = HELP_TEXTS.topics[name];
        if (topic === undefined) throw new Error(`${name} is not a topic`);
        return `${begin}\n${markdownOf(topic)}\n\n${end}`;
      },
    ),
  );
}

/** The paragraph and the table of a topic. */
export function markdownOf({ text, head, rows, isCode }: TopicText): string {
  const cells = rows.map(([left, right]) => [
    isCode ? left.split(", ").map((word) => `\`${word}\``).join(", ") : left,
    right,
  ]);
  return `${text}\n\n${table(head, cells)}`.trim();
}
