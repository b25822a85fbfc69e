/** The blocks in docs/ with topics of `arcade help`, between comments with their names. */

import { TOPIC_TEXTS, type TopicText } from "../src/cli/topics.ts";
import { topicOf } from "../src/cli/command_line.ts";
import { formatted, table } from "./markdown.ts";

/** The pages with topic blocks. */
export const PAGES_WITH_TOPICS = ["docs/security.md", "docs/telemetry.md"];

/** A page with its blocks regenerated. */
export async function withTopics(page: string): Promise<string> {
  return await formatted(
    page.replace(
      /(<!-- topic: (\S+) -->\n)[^]*?(<!-- end of the topic -->)/g,
      (_, begin, name, end) => {
        const topic = topicOf(name);
        if (topic === undefined) throw new Error(`${name} is not a topic`);
        return `${begin}\n${markdownOf(TOPIC_TEXTS[topic])}\n\n${end}`;
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
