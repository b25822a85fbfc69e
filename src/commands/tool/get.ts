import type { ListedTool, ToolsClient } from "../../api/tools.ts";
import type { Authorization, Input } from "../../contract/tools.ts";
import { Failure } from "../../failure.ts";
import { writeLabeledLines } from "../../terminal/labeled_lines.ts";
import { writeTable } from "../../terminal/table.ts";
import type { Context } from "../context.ts";
import { firstMatches, unknownName } from "../shared/choices.ts";
import type { ServiceFlags } from "../shared/flags.ts";
import { sameProject } from "../shared/same_project.ts";
import { writeJson } from "../shared/json.ts";
import { writeJsonAsWritten } from "../shared/json_as_written.ts";
import type { ProjectFlags } from "../shared/project.ts";
import { openTarget } from "../shared/target.ts";
import { onOneLine, toolToJson } from "./tools.ts";

/** Shows a tool. */
export async function getTool(
  context: Context,
  flags: ServiceFlags & ProjectFlags & { readonly full?: boolean },
  name: string,
): Promise<void> {
  const { engine } = await openTarget(context, flags);
  const tool = await findTool(
    await engine.tools(),
    name,
    `arcade tool list${sameProject(flags)}`,
  );
  if (flags.full) return writeJsonAsWritten(context, `${tool.asWritten()}\n`);
  if (flags.json) return writeJson(context, toolToJson(tool));
  const { output, authorization, secrets, deprecation } = tool;
  const returned = [output.type ?? [], onOneLine(output.description) || []].flat().join(": ");
  writeLabeledLines(context.io.stdout, [
    ["Name", tool.name || "-"],
    ["Version", tool.version ?? "-"],
    ["Server", tool.server ?? "-"],
    ["Description", onOneLine(tool.description) || "-"],
    ...(deprecation === undefined ? [] : [["Deprecated", onOneLine(deprecation)] as const]),
    ["Auth", describeAuthorization(authorization)],
    ["Secrets", secrets.join(", ") || "none"],
    ["Output", returned || "-"],
  ]);
  if (tool.inputs.length === 0) return;
  context.io.stdout.write("\n");
  await writeTable(
    context.io.stdout,
    [{ heading: "Input", isWhole: true }, { heading: "Type" }, { heading: "Required" }, {
      heading: "Description",
    }],
    tool.inputs.map((input) => [
      input.name || "-",
      input.type ?? "-",
      input.isRequired ? "yes" : "no",
      describeInput(input),
    ]),
  );
}

function describeAuthorization(authorization: Authorization | undefined): string {
  if (!authorization) return "none";
  const { provider, type, scopes } = authorization;
  const named = [provider ?? [], type ?? []].flat().join(", ") || "an unknown provider";
  return scopes.length === 0 ? named : `${named} (${scopes.join(" ")})`;
}

function describeInput({ description, values }: Input): string {
  const allowed = values.length === 0 ? [] : `One of: ${values.join(", ")}`;
  return [onOneLine(description) || [], allowed].flat().join(". ");
}

/**
 * The tool with this name, with its version or without. A name in another case counts if none is equal, and then one without
 * its server.
 *
 * @param list the command line that lists all, for hints.
 * @throws {Failure} of kind `not-found`, or `usage` when several match.
 */
async function findTool(client: ToolsClient, wanted: string, list: string): Promise<ListedTool> {
  const [server = "", own] = wanted.split(".");
  // One server has few tools, and a project may have thousands.
  const found = own === undefined ? undefined : match(await client.list(server), wanted);
  if (found) return found;
  const tools = await client.list();
  const tool = match(tools, wanted);
  if (tool) return tool;
  const names = [...new Set(tools.map(({ name }) => name))];
  throw unknownName("tool", wanted, { names, list });
}

function match(tools: readonly ListedTool[], wanted: string): ListedTool | undefined {
  const names = ({ name, version }: ListedTool) => [name, `${name}@${version}`];
  const lower = wanted.toLowerCase();
  const [found, another] = firstMatches(tools, [
    (tool) => names(tool).includes(wanted),
    (tool) => names(tool).some((name) => name.toLowerCase() === lower),
    (tool) => names(tool).some((name) => name.toLowerCase().endsWith(`.${lower}`)),
  ]);
  if (!found || !another) return found;
  const isSameName = found.name === another.name;
  throw new Failure("usage", `More than one tool is called "${wanted}"`, {
    next: isSameName
      ? `Give its version too, like ${found.name}@${found.version ?? another.version}`
      : `Give its whole name, like ${found.name}`,
  });
}
