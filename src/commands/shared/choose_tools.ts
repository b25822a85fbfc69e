/** The choice of tools for a gateway. */

import type { ListedTool, ToolsClient } from "../../api/tools.ts";
import { Failure } from "../../failure.ts";
import { counted } from "../../text/prose.ts";
import { unknownName } from "../../target/choices.ts";
import type { EngineFlags } from "../../target/target.ts";
import type { Context } from "../context.ts";
import { matchTool } from "./find_tool.ts";
import { chooseFrom, whyNoPrompt } from "./input.ts";
import { sameProject } from "./same_project.ts";

/** `--tool` and `--server`, and for `connect` also servers that need not exist, and all tools. */
export interface ToolFlags {
  readonly tool?: readonly string[];
  readonly server?: readonly string[];
  readonly anyServer?: readonly string[];
  readonly all?: boolean;
}

/** With more tools, models choose poorly and clients reject some. */
export const MOST_TOOLS = 80;

/** Whether the flags name tools. */
export function namesTools({ tool = [], server = [], anyServer = [], all }: ToolFlags): boolean {
  return all === true || tool.length > 0 || server.length > 0 || anyServer.length > 0;
}

/**
 * The names of the tools that the flags name, or that the user chooses on a terminal. Warns about too many.
 *
 * @throws {Failure} of kind `not-found`, or `usage` when several match or nothing is named.
 */
export async function chooseTools(
  context: Context,
  client: ToolsClient,
  flags: ToolFlags & EngineFlags,
): Promise<string[]> {
  const isAsked = !namesTools(flags);
  if (isAsked && whyNoPrompt(context) !== undefined) {
    throw new Failure("usage", "Which tools?", { next: howToName(flags) });
  }
  const listed = await client.list();
  if (listed.length === 0) {
    throw new Failure("not-found", "No tools in this project yet", {
      next: `Deploy a server first; \`arcade tool list${sameProject(flags)}\` shows its tools`,
    });
  }
  const tools = isAsked ? await ask(context, listed, flags) : named(listed, flags);
  const names = [...new Set(tools.map(({ name }) => name))].sort();
  if (names.length > MOST_TOOLS) {
    context.io.warn(
      `a gateway with ${names.length} tools is more than many clients support; ` +
        `at most ${MOST_TOOLS} work well`,
    );
  }
  return names;
}

function howToName(flags: EngineFlags): string {
  return "Name them with `--tool` or `--server`; " +
    `\`arcade tool list${sameProject(flags)}\` shows them`;
}

/** The tools that the flags name. */
function named(
  listed: readonly ListedTool[],
  { tool = [], server = [], anyServer = [], all, ...flags }: ToolFlags & EngineFlags,
): ListedTool[] {
  if (all) return [...listed];
  const names = [...new Set(listed.map(({ name }) => name))];
  const list = `arcade tool list${sameProject(flags)}`;
  const any = anyServer.flatMap((wanted) => ofServer(listed, wanted));
  if (anyServer.length > 0 && any.length === 0) {
    throw new Failure(
      "not-found",
      `This project has none of these servers: ${anyServer.join(", ")}`,
      {
        next: `\`${list}\` shows its tools`,
      },
    );
  }
  return [
    ...any,
    ...tool.map((wanted) => {
      const found = matchTool(listed, wanted);
      if (found) return found;
      throw unknownName("tool", wanted, { names, list });
    }),
    ...server.flatMap((wanted) => {
      const found = ofServer(listed, wanted);
      if (found.length > 0) return found;
      throw unknownName("server", wanted, { names: serversOf(listed), list });
    }),
  ];
}

function serverOf({ name }: ListedTool): string {
  return name.split(".")[0] ?? "";
}

function serversOf(tools: readonly ListedTool[]): string[] {
  return [...new Set(tools.map(serverOf))].sort();
}

/** The tools of a server, by its name in their names. */
function ofServer(tools: readonly ListedTool[], wanted: string): ListedTool[] {
  const exact = tools.filter((tool) => serverOf(tool) === wanted);
  const lower = wanted.toLowerCase();
  return exact.length > 0 ? exact : tools.filter((tool) => serverOf(tool).toLowerCase() === lower);
}

/** Lets the user choose servers and tools: by numbers, ranges and names, or all of them. */
async function ask(
  context: Context,
  listed: readonly ListedTool[],
  flags: EngineFlags,
): Promise<ListedTool[]> {
  const byName = new Map(listed.map((tool) => [tool.name, tool]));
  const entries = [
    ...serversOf(listed).map((server) => {
      const tools = ofServer(listed, server);
      return { name: server, shown: `${server} (${counted(tools.length, "tool")})`, tools };
    }),
    ...[...byName].sort().map(([name, tool]) => ({ name, shown: name, tools: [tool] })),
  ];
  const answer = await chooseFrom(context, {
    what: "tools",
    items: () => Promise.resolve(entries.map(({ shown }) => ({ name: shown }))),
    isMultiple: true,
    next: howToName(flags),
  });
  if ("places" in answer) return answer.places.flatMap((place) => entries[place]?.tools ?? []);
  return answer.typed.split(/[\s,]+/).filter(Boolean).flatMap((word) => {
    if (word.toLowerCase() === "all") return listed;
    const [, from, to = from] = /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(word) ?? [];
    const found = from === undefined
      ? entries.filter(({ name }) => name.toLowerCase() === word.toLowerCase())
      : entries.slice(Math.max(0, Number(from) - 1), Number(to));
    if (found.length > 0) return found.flatMap(({ tools }) => tools);
    throw new Failure("usage", "The list has no such item", {
      next: `Type numbers from 1 to ${entries.length}, ranges, names, or all`,
    });
  });
}
