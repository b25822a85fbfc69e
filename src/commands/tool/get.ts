import type { ToolsClient } from "../../api/tools.ts";
import { Failure } from "../../failure.ts";
import { writeLabeledLines } from "../../terminal/labeled_lines.ts";
import { writeTable } from "../../terminal/table.ts";
import type { Context } from "../context.ts";
import type { ServiceFlags } from "../shared/flags.ts";
import { sameProject } from "../shared/same_project.ts";
import { writeJson } from "../shared/json.ts";
import { writeJsonAsWritten } from "../shared/json_as_written.ts";
import type { ProjectFlags } from "../../target/project.ts";
import { findListed } from "../shared/find_tool.ts";
import { openTarget } from "../../target/target.ts";
import {
  describeAuthorization,
  describeInput,
  describeOutput,
  onOneLine,
  toolToJson,
} from "./tools.ts";

/** Shows a tool; without a name, the user chooses it from a list. */
export async function getTool(
  context: Context,
  flags: ServiceFlags & ProjectFlags & { readonly full?: boolean },
  name?: string,
): Promise<void> {
  const list = `arcade tool list${sameProject(flags)}`;
  const choice = { what: "tool", next: `Give its name; \`${list}\` shows them` };
  if (name === undefined) (await import("../shared/input.ts")).requireChooser(context, choice);
  const { engine } = await openTarget(context, flags);
  const tools = await engine.tools();
  const wanted = name ?? await chooseTool(context, tools, choice);
  const tool = await findListed(tools, wanted, list);
  if (flags.full) return writeJsonAsWritten(context, `${tool.asWritten()}\n`);
  if (flags.json) return writeJson(context, toolToJson(tool));
  const { output, authorization, secrets, deprecation } = tool;
  writeLabeledLines(context.io.stdout, [
    ["Name", tool.name || "-"],
    ["Version", tool.version ?? "-"],
    ["Server", tool.server ?? "-"],
    ["Description", onOneLine(tool.description) || "-"],
    ...(deprecation === undefined ? [] : [["Deprecated", onOneLine(deprecation)] as const]),
    ["Auth", describeAuthorization(authorization)],
    ["Secrets", secrets.join(", ") || "none"],
    ["Output", describeOutput(output) || "-"],
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

async function chooseTool(
  context: Context,
  tools: ToolsClient,
  choice: { readonly what: string; readonly next: string },
): Promise<string> {
  const { chooseName } = await import("../shared/input.ts");
  const names = [...new Set((await tools.list()).map(({ name }) => name))].sort();
  if (names.length === 0) {
    throw new Failure("not-found", "No tools yet", {
      next: "Deploy a server with `arcade deploy`",
    });
  }
  const items = () => Promise.resolve(names.map((name) => ({ name })));
  return await chooseName(context, { ...choice, items });
}
