/** The filter of lists of tools by their metadata. */

import { isMapping, type Mapping } from "../../contract/fields.ts";
import type { ToolResponse } from "../../contract/tools.ts";

const FLAGS = ["read_only", "destructive", "idempotent", "open_world"];
/** Lists, and the part of the metadata that has them. */
const LISTS: Readonly<Record<string, string>> = {
  operations: "behavior",
  service_domains: "classification",
};
const OPERATORS = ["any_of", "all_of", "none_of"];

/** An invalid filter. */
export class UnusableFilter extends Error {
  override readonly name = "UnusableFilter";
}

/**
 * Whether a tool matches a filter: `{"read_only": true, "operations": {"any_of": ["create"]}, "extras": {…}}`. A list
 * alone means `any_of`. Throws an {@linkcode UnusableFilter}.
 */
export function metadataFilter(filter: Mapping): (tool: ToolResponse) => boolean {
  const tests = Object.entries(filter).map(([name, wanted]) => testOf(name, wanted));
  return ({ metadata }) => {
    const data = isMapping(metadata) ? metadata : {};
    return tests.every((test) => test(data));
  };
}

function testOf(name: string, wanted: unknown): (metadata: Mapping) => boolean {
  const part = Object.hasOwn(LISTS, name) ? LISTS[name] : undefined;
  if (FLAGS.includes(name) && typeof wanted === "boolean") {
    return (metadata) => inPart(metadata, "behavior")[name] === wanted;
  }
  if (name === "extras" && isMapping(wanted)) {
    const entries = Object.entries(wanted);
    return (metadata) => {
      const extras = inPart(metadata, "extras");
      return entries.every(([key, value]) => JSON.stringify(extras[key]) === JSON.stringify(value));
    };
  }
  if (part !== undefined) {
    const operators = isMapping(wanted) ? Object.entries(wanted) : [["any_of", wanted] as const];
    const tests = operators.map(([operator, values]) => listTest(operator, values));
    return (metadata) => {
      const values = new Set(texts(inPart(metadata, part)[name]) ?? []);
      return tests.every((test) => test(values));
    };
  }
  throw new UnusableFilter(name.slice(0, 100));
}

function listTest(operator: string, wanted: unknown): (values: ReadonlySet<string>) => boolean {
  const all = texts(wanted);
  if (all === undefined || !OPERATORS.includes(operator)) {
    throw new UnusableFilter(operator.slice(0, 100));
  }
  if (operator === "any_of") return (values) => all.some((one) => values.has(one));
  if (operator === "all_of") return (values) => all.every((one) => values.has(one));
  return (values) => !all.some((one) => values.has(one));
}

/** The texts of a list in lower case; undefined for anything else. */
function texts(value: unknown): string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.every((one) => typeof one === "string")
    ? value.map((one) => one.toLowerCase())
    : undefined;
}

function inPart(metadata: Mapping, part: string): Mapping {
  const content = metadata[part];
  return isMapping(content) ? content : {};
}
