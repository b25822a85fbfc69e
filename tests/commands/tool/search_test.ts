import assert from "node:assert/strict";
import { matching } from "../../../src/commands/tool/search.ts";

const TOOLS = [
  { name: "Github.SetStarred", description: "Stars a repository" },
  { name: "Github.ListRepositories", description: "Lists the repositories of an owner" },
  { name: "Slack.Post", description: "Posts a message, with a star if you like" },
  { name: "Math.Add", description: undefined },
];

for (
  const [words, found] of [
    [["star"], ["Github.SetStarred", "Slack.Post"]],
    [["STAR", "Repository"], ["Github.SetStarred"]],
    [["star repository"], ["Github.SetStarred"]],
    [["star", "nothing"], ["Github.SetStarred", "Slack.Post"]],
    [["github"], ["Github.ListRepositories", "Github.SetStarred"]],
    [["github_set"], ["Github.SetStarred"]],
    [["github.set"], ["Github.SetStarred"]],
    [["nothing"], []],
    [["", " "], []],
  ] as const
) {
  Deno.test(`the words ${JSON.stringify(words)} find ${found.join(", ") || "nothing"}`, () => {
    assert.deepEqual(matching(TOOLS, words).map(({ name }) => name), found);
  });
}
