import { inColumns, type Section, writeSections } from "../../cli/help.ts";
import type { Input, Tool } from "../../contract/tools.ts";
import { printable } from "../../terminal/safe_text.ts";
import { wrap } from "../../text/prose.ts";
import type { Context } from "../context.ts";
import { writeJson } from "../shared/json.ts";
import { exampleOf, formOf } from "../shared/parameter_forms.ts";
import { type CallFlags, callLine } from "./ready.ts";
import {
  describeAuthorization,
  describeInput,
  describeOutput,
  onOneLine,
  toolToJson,
} from "./tools.ts";

/** Writes the help of a tool: what it does, its parameters, what it needs, and an example; as JSON what `tool get` does. */
export function writeToolHelp(context: Context, flags: CallFlags, tool: Tool): void {
  if (flags.json) return writeJson(context, toolToJson(tool));
  const { name, description, inputs, output, secrets, authorization, deprecation } = tool;
  const required = inputs.filter(({ isRequired }) => isRequired);
  const returned = describeOutput(output);
  const needs: [string, string][] = [
    ...authorization ? [["Grant", describeAuthorization(authorization)] as [string, string]] : [],
    ...secrets.map((key): [string, string] => ["Secret", key]),
  ];
  const sections: Section[] = [
    ["", linesOf(onOneLine(description) || name)],
    ...deprecation === undefined
      ? []
      : [["", linesOf(`Deprecated: ${onOneLine(deprecation)}`)] as const],
    ["USAGE", [callLine(tool, flags, "[flags]")]],
    ...inputs.length > 0 ? [["PARAMETERS", inColumns(inputs.map(rowOf))] as const] : [],
    ...returned === "" ? [] : [["RETURNS", linesOf(returned, 78)] as const],
    ...needs.length > 0 ? [["NEEDS", inColumns(needs)] as const] : [],
    ["EXAMPLE", [callLine(tool, flags, ...required.map(exampleOf))]],
    ["LEARN MORE", ["arcade tool call --help"]],
  ];
  // All of this is outside input.
  writeSections(context.io.stdout, sections.map(([title, lines]) => [title, lines.map(printable)]));
}

function linesOf(text: string, width?: number): string[] {
  return wrap(text, width).split("\n");
}

function rowOf(input: Input): [left: string, right: string] {
  const told = describeInput(input);
  const isRequired = input.isRequired ? "(required)" : "";
  return [formOf(input).shown, [told, isRequired].filter((one) => one !== "").join(" ")];
}
