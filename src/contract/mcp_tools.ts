/** Tools of MCP servers, as the engine lists them (docs/contracts.md, MCP servers). */

import { Fields, isMapping, type Mapping } from "./fields.ts";
import type { ToolResponse } from "./tools.ts";

/** An MCP server by its answer to `initialize`. */
export interface McpIdentity {
  readonly name: string;
  readonly version: string;
  readonly description: string;
}

export function readIdentity(result: Fields): McpIdentity {
  const info = result.fields("serverInfo");
  const version = info?.text("version") ?? "";
  return {
    name: toolkitName(info?.text("name") ?? ""),
    version: /^[\w.-]{1,100}$/.test(version) ? version : "0.0.0",
    description: result.text("instructions") ?? "",
  };
}

/** The toolkit of an MCP server: `render-mcp-server` becomes `Render`. */
export function toolkitName(serverName: string): string {
  const words = serverName.slice(0, 200).toLowerCase().replaceAll("mcp", "").replaceAll(
    "server",
    "",
  )
    .split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("") || "Tools";
}

/** An item of `tools/list`. */
export function readMcpTool(tool: Fields, toolkit: McpIdentity): ToolResponse {
  const name = tool.id("name");
  const input = tool.fields("inputSchema")?.mapping ?? {};
  const output = tool.fields("outputSchema")?.mapping;
  const behavior = behaviorOf(tool.fields("annotations"));
  const qualified = `${toolkit.name}.${name}`;
  return {
    name,
    qualified_name: qualified,
    fully_qualified_name: `${qualified}@${toolkit.version}`,
    description: tool.text("description") ?? tool.text("title") ?? "",
    toolkit: { ...toolkit },
    input: { parameters: parametersOf(input) },
    output: {
      available_modes: ["value", "error"],
      ...(output ? { value_schema: valueSchema(output) } : {}),
    },
    requirements: {},
    ...(behavior ? { metadata: { behavior } } : {}),
  };
}

function parametersOf(schema: Mapping): Mapping[] {
  const required = new Set(Array.isArray(schema.required) ? schema.required : []);
  return Object.entries(mappingIn(schema.properties)).map(([name, property]) => {
    const { description, default: byDefault } = mappingIn(property);
    return {
      name,
      required: required.has(name),
      ...(byDefault === undefined ? {} : { default: byDefault }),
      description: typeof description === "string" ? description : "",
      inferrable: true,
      value_schema: valueSchema(mappingIn(property)),
    };
  });
}

const SIMPLE = ["string", "integer", "number", "boolean"];
/** Deeper objects are JSON without a description. */
const MAX_DEPTH = 10;

/** A JSON schema in the engine's own terms. */
function valueSchema(written: Mapping, depth = 0): Mapping {
  const { schema, isNullable } = withoutNull(written);
  const orNull = isNullable ? { nullable: true } : {};
  const type = typeOf(schema);
  if (type === "array") {
    const { val_type: inner_val_type, properties, required_keys, enum: values } = depth < MAX_DEPTH
      ? valueSchema(mappingIn(schema.items), depth + 1)
      : { val_type: "json" };
    return {
      val_type: "array",
      // A list of lists is a list of JSON.
      inner_val_type: inner_val_type === "array" ? "json" : inner_val_type,
      ...(values ? { enum: values } : {}),
      ...(properties ? { inner_properties: properties } : {}),
      ...(required_keys ? { inner_required_keys: required_keys } : {}),
      ...orNull,
    };
  }
  if (type !== "json") return { val_type: type, ...enumOf(schema), ...orNull };
  const properties = Object.entries(mappingIn(schema.properties));
  if (properties.length === 0 || depth >= MAX_DEPTH) return { val_type: "json", ...orNull };
  return {
    val_type: "json",
    properties: Object.fromEntries(
      properties.map(([name, property]) => [name, valueSchema(mappingIn(property), depth + 1)]),
    ),
    ...(Array.isArray(schema.required) ? { required_keys: schema.required } : {}),
    ...orNull,
  };
}

/** A schema without the alternative `null`. */
function withoutNull(schema: Mapping): { schema: Mapping; isNullable: boolean } {
  const choices = [schema.anyOf, schema.oneOf].find(Array.isArray);
  if (choices !== undefined) {
    const others = choices.map(mappingIn).filter(({ type }) => type !== "null");
    const [only] = others;
    const isNullable = others.length < choices.length;
    return { schema: others.length === 1 && only !== undefined ? only : {}, isNullable };
  }
  const types: unknown[] = Array.isArray(schema.type) ? schema.type : [schema.type];
  const others = types.filter((type) => type !== "null");
  return {
    schema: { ...schema, type: others.length === 1 ? others[0] : undefined },
    isNullable: others.length < types.length,
  };
}

function typeOf({ type, enum: values }: Mapping): string {
  if (type === "array") return "array";
  if (typeof type === "string" && SIMPLE.includes(type)) return type;
  const isTexts = type === undefined && Array.isArray(values) && values.length > 0 &&
    values.every((one) => typeof one === "string");
  return isTexts ? "string" : "json";
}

function enumOf({ enum: values }: Mapping): Mapping {
  if (!Array.isArray(values)) return {};
  const texts = values.filter((one) => one !== null).map((one) => String(one));
  return texts.length > 0 ? { enum: texts } : {};
}

/** What a tool does, by the hints of MCP. */
function behaviorOf(annotations: Fields | undefined): Mapping | undefined {
  if (annotations === undefined) return undefined;
  return known(HINTS.map(([own, hint]) => [own, annotations.mapping[hint]]));
}

/** What a tool does, as hints of MCP. */
export function hintsOf({ metadata }: ToolResponse): Mapping | undefined {
  const behavior = isMapping(metadata) && isMapping(metadata.behavior) ? metadata.behavior : {};
  return known(HINTS.map(([own, hint]) => [hint, behavior[own]]));
}

/** What a tool does: in its metadata, and as a hint of MCP. */
const HINTS = [
  ["read_only", "readOnlyHint"],
  ["destructive", "destructiveHint"],
  ["idempotent", "idempotentHint"],
  ["open_world", "openWorldHint"],
] as const;

/** The entries that say yes or no; undefined without any. */
function known(entries: readonly (readonly [name: string, value: unknown])[]): Mapping | undefined {
  const said = entries.filter(([, value]) => typeof value === "boolean");
  return said.length > 0 ? Object.fromEntries(said) : undefined;
}

function mappingIn(value: unknown): Mapping {
  return isMapping(value) ? value : {};
}
