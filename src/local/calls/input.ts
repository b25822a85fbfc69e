/** Checks the input of a call against the definition of the tool, exactly as strictly as arcade-mcp-server. */

import { isMapping, type Mapping } from "../../contract/fields.ts";
import type { ToolError, ToolResponse } from "../../contract/tools.ts";
import type { Found } from "./catalog.ts";

/** What is wrong with one value. */
export interface Mistake {
  /** The parameter. */
  readonly name: string;
  /** `tags.0`, for example. */
  readonly path: string;
  /** Does not mention the value, which may be a secret. */
  readonly message: string;
}

/** The error for the first mistakes in an input; undefined if the server can be asked. */
export function inputError({ tool, worker }: Found, given: Mapping): ToolError | undefined {
  const names = new Set(tool.input.parameters.map((parameter) => String(parameter.name)));
  const mistakes = [
    ...inputMistakes(tool, given),
    ...Object.keys(given).filter((key) => !worker.takesOtherInput && !names.has(key))
      .map((path) => ({ path, message: "Extra inputs are not permitted" })),
  ].slice(0, MISTAKES);
  if (mistakes.length === 0) return undefined;
  const told = mistakes.map(({ path, message }) => `${path.slice(0, 200)}: ${message}`).join("; ");
  return {
    kind: KIND,
    message:
      `[${KIND}] ToolInputError during execution of tool '${tool.name}': Invalid input: ${told}`,
    can_retry: false,
    status_code: 400,
  };
}

/** What is wrong with the parameters of a tool in an input. */
export function inputMistakes({ input }: Pick<ToolResponse, "input">, given: Mapping): Mistake[] {
  return input.parameters.flatMap((parameter) =>
    mistakesOf(parameter, given).map((mistake) => ({ name: String(parameter.name), ...mistake }))
  );
}

const KIND = "TOOL_RUNTIME_BAD_INPUT_VALUE";
const MISTAKES = 20;

function mistakesOf(
  { name, required, value_schema }: Mapping,
  given: Mapping,
): Omit<Mistake, "name">[] {
  const path = String(name);
  if (!Object.hasOwn(given, path)) {
    return required === true ? [{ path, message: "Field required" }] : [];
  }
  const schema = isMapping(value_schema) ? value_schema : {};
  return mistakesIn(given[path], schema, path);
}

function mistakesIn(value: unknown, schema: Mapping, path: string): Omit<Mistake, "name">[] {
  // Only the server knows whether it takes null, because definitions of older servers do not tell.
  if (value === null) return [];
  const { val_type, inner_val_type, enum: allowed } = schema;
  if (val_type === "array") {
    if (!Array.isArray(value)) return [{ path, message: "Input should be a valid list" }];
    const inner = { val_type: inner_val_type, enum: allowed };
    return value.flatMap((item, i) => mistakesIn(item, inner, `${path}.${i}`)).slice(0, MISTAKES);
  }
  if (Array.isArray(allowed) && allowed.length > 0) {
    const isAllowed = allowed.some((one) => String(one) === String(value));
    return isAllowed ? [] : [{ path, message: `Input should be ${choice(allowed)}` }];
  }
  const type = TYPES.get(val_type);
  return type === undefined || type.isValid(value) ? [] : [{ path, message: type.message }];
}

function choice(values: readonly unknown[]): string {
  const shown = values.slice(0, MISTAKES).map((one) => `'${one}'`);
  const last = shown.pop() ?? "";
  return shown.length === 0 ? last : `${shown.join(", ")} or ${last}`;
}

interface Type {
  readonly isValid: (value: unknown) => boolean;
  readonly message: string;
}

/** The types of values with the conversions of the servers: `"2"` is an integer too. */
const TYPES: ReadonlyMap<unknown, Type> = new Map(Object.entries<Type>({
  string: {
    isValid: (value) => typeof value === "string",
    message: "Input should be a valid string",
  },
  integer: {
    isValid: (value) => isBoolean(value) || Number.isInteger(numberOf(value)),
    message: "Input should be a valid integer",
  },
  number: {
    isValid: (value) => isBoolean(value) || numberOf(value) !== undefined,
    message: "Input should be a valid number",
  },
  boolean: {
    isValid: (value) =>
      isBoolean(value) || value === 0 || value === 1 ||
      typeof value === "string" && /^(?:true|false|yes|no|on|off|[tfyn10])$/i.test(value),
    message: "Input should be a valid boolean",
  },
}));

function isBoolean(value: unknown): boolean {
  return typeof value === "boolean";
}

function numberOf(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  const isNumber = typeof value === "string" && value.trim() !== "" && !Number.isNaN(Number(value));
  return isNumber ? Number(value) : undefined;
}
