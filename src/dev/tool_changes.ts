/** The changes in the tools of a server between two versions of its code. */

import type { Input, Tool } from "../contract/tools.ts";

/** A change of one tool. */
export interface ToolChange {
  readonly kind: "added" | "removed" | "changed";
  readonly tool: string;
  /** The changes, as parts of a sentence; empty for a tool that was added or removed. */
  readonly details: readonly string[];
}

/**
 * Compares two lists of tools. Added tools come first, then removed and changed ones, each in the order of their names.
 *
 * @example
 * ```ts
 * toolChanges(before, after).map(({ tool, details }) => [tool, details]);
 * // [["Math.Add", ["new required input `limit`"]]]
 * ```
 */
export function toolChanges(before: readonly Tool[], after: readonly Tool[]): ToolChange[] {
  const [old, now] = [byName(before), byName(after)];
  const added = [...now.keys()].filter((name) => !old.has(name));
  const removed = [...old.keys()].filter((name) => !now.has(name));
  const changed = [...now.values()].flatMap((tool): ToolChange[] => {
    const last = old.get(tool.name);
    const details = last === undefined ? [] : detailsOf(last, tool);
    return details.length === 0 ? [] : [{ kind: "changed", tool: tool.name, details }];
  });
  return [
    ...added.map((tool): ToolChange => ({ kind: "added", tool, details: [] })),
    ...removed.map((tool): ToolChange => ({ kind: "removed", tool, details: [] })),
    ...changed,
  ];
}

function byName(tools: readonly Tool[]): Map<string, Tool> {
  const sorted = [...tools].sort((a, b) => a.name < b.name ? -1 : 1);
  return new Map(sorted.map((tool) => [tool.name, tool]));
}

function detailsOf(before: Tool, after: Tool): string[] {
  return [
    ...inputChanges(before.inputs, after.inputs),
    ...needChanges(before, after),
    ...textChange("output", before.output.type, after.output.type),
    ...(before.description === after.description ? [] : ["description"]),
    ...(before.output.description === after.output.description
      ? []
      : ["description of the output"]),
    ...(before.deprecation === after.deprecation
      ? []
      : [after.deprecation === undefined ? "no longer deprecated" : "deprecated"]),
    ...(before.isDestructive === after.isDestructive
      ? []
      : [after.isDestructive ? "now destructive" : "no longer destructive"]),
  ];
}

function inputChanges(before: readonly Input[], after: readonly Input[]): string[] {
  const old = new Map(before.map((input) => [input.name, input]));
  const names = new Set(after.map(({ name }) => name));
  return [
    ...after.flatMap((input) => {
      const last = old.get(input.name);
      return last === undefined
        ? [`new ${kindOf(input)} input \`${input.name}\``]
        : inputChange(last, input);
    }),
    ...before.filter(({ name }) => !names.has(name)).map(({ name }) => `no input \`${name}\``),
  ];
}

function inputChange(before: Input, after: Input): string[] {
  const input = `input \`${after.name}\``;
  const [gone, come] = difference(before.values, after.values);
  return [
    ...(before.isRequired === after.isRequired ? [] : [`${input} is now ${kindOf(after)}`]),
    ...textChange(input, before.type, after.type),
    ...(come.length > 0 ? [`${input} now takes ${come.join(", ")}`] : []),
    ...(gone.length > 0
      ? [
        after.values.length === 0
          ? `${input} takes any value`
          : `${input} no longer takes ${gone.join(", ")}`,
      ]
      : []),
    ...(before.description === after.description ? [] : [`description of ${input}`]),
  ];
}

function kindOf({ isRequired }: Input): string {
  return isRequired ? "required" : "optional";
}

function textChange(what: string, before = "unknown", after = "unknown"): string[] {
  return before === after ? [] : [`${what}: ${before} → ${after}`];
}

function needChanges(before: Tool, after: Tool): string[] {
  const [gone, come] = difference(before.secrets, after.secrets);
  const [old, now] = [before.authorization, after.authorization].map((one) =>
    one && [one.provider ?? "a provider", ...one.scopes.toSorted()].join(" ")
  );
  return [
    ...come.map((key) => `needs the secret ${key}`),
    ...gone.map((key) => `no longer needs the secret ${key}`),
    ...(old === now
      ? []
      : [now === undefined ? "no longer needs a grant" : `needs a grant from ${now}`]),
  ];
}

/** The items only in the first list, and the items only in the second. */
function difference(
  before: readonly string[],
  after: readonly string[],
): readonly [readonly string[], readonly string[]] {
  return [
    before.filter((one) => !after.includes(one)),
    after.filter((one) => !before.includes(one)),
  ];
}
