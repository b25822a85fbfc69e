/** Tools in the formats that models accept. */

import { isMapping, type Mapping } from "../../contract/fields.ts";
import type { ToolResponse } from "../../contract/tools.ts";
import { namesOf } from "./catalog.ts";

/** The forms of tools by their names. */
export const FORMATS: Readonly<Record<string, (tool: ToolResponse) => Mapping>> = {
  arcade: (tool) => ({ ...tool }),
  openai(tool) {
    const [, name] = namesOf(tool);
    const { description } = tool;
    return { type: "function", function: { name, description, parameters: inputSchema(tool) } };
  },
  anthropic(tool) {
    const [, name] = namesOf(tool);
    return { name, description: tool.description, input_schema: inputSchema(tool) };
  },
};

/** The JSON schema of the input of a tool. */
export function inputSchema({ input: { parameters } }: ToolResponse): Mapping {
  const properties = parameters.map(({ name, description, value_schema }) => {
    const schema = isMapping(value_schema) ? schemaOf(value_schema) : {};
    const isTold = typeof description === "string" && description !== "";
    return [String(name), isTold ? { ...schema, description } : schema] as const;
  });
  return {
    type: "object",
    properties: Object.fromEntries(properties),
    required: parameters.filter(({ required }) => required === true)
      .map(({ name }) => String(name)),
    additionalProperties: false,
  };
}

/** The JSON schema of a value. */
function schemaOf(schema: Mapping): Mapping {
  const { val_type, inner_val_type, enum: allowed, description, nullable } = schema;
  const values = Array.isArray(allowed) && allowed.length > 0 ? { enum: allowed } : {};
  const told = typeof description === "string" && description !== "" ? { description } : {};
  if (val_type === "array") {
    const items = typeof inner_val_type === "string" ? typeOf(inner_val_type) : {};
    const inner = objectOf(schema.inner_properties, schema.inner_required_keys);
    return { type: "array", items: { ...items, ...values, ...inner }, ...told };
  }
  const type = typeof val_type === "string" ? typeOf(val_type) : {};
  const orNull = nullable === true && "type" in type ? { type: [type.type, "null"] } : {};
  return {
    ...type,
    ...orNull,
    ...values,
    ...objectOf(schema.properties, schema.required_keys),
    ...told,
  };
}

function typeOf(valueType: string): Mapping {
  return { type: valueType === "json" ? "object" : valueType };
}

/** The properties of an object, if a server returns them. */
function objectOf(properties: unknown, required: unknown): Mapping {
  if (!isMapping(properties)) return {};
  const entries = Object.entries(properties).map(([name, schema]) =>
    [name, isMapping(schema) ? schemaOf(schema) : {}] as const
  );
  return {
    properties: Object.fromEntries(entries),
    ...(Array.isArray(required) && required.length > 0 ? { required } : {}),
  };
}
