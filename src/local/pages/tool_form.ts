/** The form of a tool: a field for each parameter, and the input that the user typed. */

import { html, raw } from "hono/html";
import { Fields, InvalidField, isMapping, type Mapping, parseJson } from "../../contract/fields.ts";
import { type Input, readTool, type Tool, type ToolResponse } from "../../contract/tools.ts";
import { inputMistakes } from "../calls/input.ts";
import type { Html } from "./layout.ts";
import { shownName, told, visible } from "./texts.ts";

/** A tool, and its server's definition of it. */
export interface ReadTool extends Tool {
  readonly response: ToolResponse;
}

/** A tool; undefined if the server describes it in an unknown format. */
export function readOrNone(response: ToolResponse): ReadTool | undefined {
  try {
    return { ...readTool(new Fields({ ...response })), response };
  } catch (error) {
    if (error instanceof InvalidField) return undefined;
    throw error;
  }
}

/** The typed texts, by the names of the parameters: several texts for several choices. */
export type Typed = ReadonlyMap<string, readonly string[]>;

/** The problems, by the names of the parameters. */
export type Problems = ReadonlyMap<string, string>;

/** The maximum number of fields in a form, and of choices in a field. */
const MOST_FIELDS = 200;
const MOST_CHOICES = 500;
const MOST_CHOICE_CHARACTERS = 50_000;
/** The maximum number of check boxes for an array. */
const MOST_BOXES = 20;

/** The name of the field of a parameter. */
function fieldName(name: string): string {
  return `input.${name}`;
}

/** The fields of a tool. */
export function toolFields(
  tool: ReadTool,
  { typed = new Map(), problems = new Map() }: {
    readonly typed?: Typed | undefined;
    readonly problems?: Problems | undefined;
  },
): Html {
  const { inputs } = tool;
  if (inputs.length === 0) return html`<p class="quiet">No inputs.</p>`;
  const defaults = new Map(
    tool.response.input.parameters.map(({ name, default: value }) => [String(name), value]),
  );
  // Required ones come first; otherwise, the order is the tool's.
  const ordered = [...inputs].sort((a, b) => Number(b.isRequired) - Number(a.isRequired));
  return html`
    <div class="fields">${ordered.slice(0, MOST_FIELDS).map((input, at) =>
      field(input, {
        id: `field-${at}`,
        texts: typed.get(input.name) ?? [],
        problem: problems.get(input.name),
        byDefault: defaults.get(input.name),
      })
    )}</div>
    ${inputs.length > MOST_FIELDS
      ? html`<p class="quiet">${
        inputs.length - MOST_FIELDS
      } more inputs, only on the command line.</p>`
      : ""}
  `;
}

interface FieldState {
  readonly id: string;
  readonly texts: readonly string[];
  readonly problem: string | undefined;
  readonly byDefault: unknown;
}

function field(input: Input, state: FieldState): Html {
  const { name, isRequired, description } = input;
  const { id, problem, byDefault } = state;
  const about = html`
    <code>${shownName(name)}</code>
    <span class="quiet">${shownName(input.type ?? "any value")}</span>
    ${isRequired ? html`<span class="required">required</span>` : ""}
  `;
  const notes = html`
    ${problem === undefined
      ? ""
      : html`<p class="field-problem" id="${id}-problem">${told(problem)}</p>`}
    ${description || byDefault !== undefined
      ? html`<p class="quiet" id="${id}-note">${told(description ?? "")} ${
        byDefault === undefined
          ? ""
          : html`Default: <code>${told(JSON.stringify(byDefault), 200)}</code>`
      }</p>`
      : ""}
  `;
  const control = controlOf(input, state);
  if (isGroup(input)) {
    return html`<fieldset class="field"><legend>${about}</legend>${control}${notes}</fieldset>`;
  }
  const isShort = /^(?:integer|number|boolean)$/.test(input.type ?? "") || input.values.length > 0;
  return html`
    <div class="field ${isShort ? "short" : ""}">
      <label for="${id}">${about}</label>${control}${notes}
    </div>
  `;
}

/** Whether a parameter has a check box for each of its values. */
function isGroup({ type, values }: Input): boolean {
  return isArray(type) && values.length > 0 && values.length <= MOST_BOXES;
}

function isArray(type: string | undefined): boolean {
  return type?.startsWith("array") === true;
}

function controlOf(input: Input, { id, texts, problem, byDefault }: FieldState): Html {
  const { name, type, values, isRequired, description } = input;
  const [text = ""] = texts;
  const noted = description || byDefault !== undefined ? [`${id}-note`] : [];
  const described = [...(problem === undefined ? [] : [`${id}-problem`]), ...noted];
  const common = html`id="${id}" name="${fieldName(name)}" ${
    described.length > 0 ? html`aria-describedby="${described.join(" ")}"` : ""
  } ${problem === undefined ? "" : raw('aria-invalid="true" autofocus')}`;
  const required = isRequired ? raw("required") : "";

  if (isGroup(input)) {
    return html`<div class="boxes">${
      values.map((value, at) =>
        html`
          <label><input type="checkbox" name="${fieldName(name)}" value="${value}" ${at === 0
            ? html`id="${id}"`
            : ""} ${texts.includes(value) ? raw("checked") : ""}> ${told(value)}</label>
        `
      )
    }</div>`;
  }
  const choices = type === "boolean" ? ["true", "false"] : isArray(type) ? [] : values;
  const isChoice = choices.length > 0 && choices.length <= MOST_CHOICES &&
    choices.join("").length <= MOST_CHOICE_CHARACTERS;
  if (isChoice) {
    const isOther = text !== "" && !choices.includes(text);
    return html`
      <select ${common} ${required}>
        <option value="">${isRequired ? "Choose…" : "Not given"}</option>
        ${[...choices, ...(isOther ? [text] : [])].map((value) =>
          html`
            <option value="${value}" ${value === text ? raw("selected") : ""}>${visible(
              value,
            )}</option>
          `
        )}
      </select>
    `;
  }
  if (type === "integer" || type === "number") {
    return html`
      <input ${common} ${required} value="${text}" autocomplete="off"
        inputmode="${type === "integer" ? "numeric" : "decimal"}">
    `;
  }
  const isCode = type === undefined || type === "json" || isArray(type);
  const rows = isCode ? 3 : 1;
  const hint = isArray(type) ? "One per line, or a JSON list" : type === "json" ? "JSON" : "";
  // A browser drops the first line end.
  const content = html`${raw("\n")}${text}`;
  return html`
    <textarea ${common} ${required} rows="${rows}" placeholder="${hint}" spellcheck="false"
      autocomplete="off" class="${isCode ? "code" : ""}">${content}</textarea>
  `;
}

/** The input of a form for a tool. */
export function typedIn(form: URLSearchParams, { inputs }: Tool): Typed {
  return new Map(
    inputs.map(({ name }) => [
      name,
      // Browsers send every line end as CRLF.
      form.getAll(fieldName(name)).map((text) => text.replaceAll("\r\n", "\n"))
        .filter((text) => text !== ""),
    ]),
  );
}

/** The input from texts, and the problems with them. Empty fields are omitted. */
export function inputOf(
  tool: ReadTool,
  typed: Typed,
): { readonly input: Mapping; readonly problems: Problems } {
  const problems = new Map<string, string>();
  const given = tool.inputs.flatMap((input): [string, unknown][] => {
    const texts = typed.get(input.name) ?? [];
    if (texts.length === 0) return [];
    const value = isArray(input.type) ? listOf(texts, input) : valueOf(texts[0] ?? "", input.type);
    if (value === undefined) problems.set(input.name, "This is not JSON");
    return [[input.name, value]];
  });
  const input = Object.fromEntries(given);
  for (const { name, path, message } of inputMistakes(tool.response, input)) {
    const where = path === name ? "" : `${path.slice(name.length + 1)}: `;
    if (!problems.has(name)) problems.set(name, where + message);
  }
  return { input, problems };
}

/** The value of a text; undefined if it should be JSON but is not. */
function valueOf(text: string, type: string | undefined): unknown {
  switch (type) {
    case "string":
      return text;
    case "integer":
    case "number": {
      const number = Number(text);
      // Servers accept texts too, and a large number would lose digits.
      const isExact = text.trim() !== "" && Number.isFinite(number) &&
        (!Number.isInteger(number) || Number.isSafeInteger(number));
      return isExact ? number : text;
    }
    case "boolean":
      return text === "true" ? true : text === "false" ? false : text;
    case "json":
      return parseJson(text);
    default: // a type that is newer than this program
      return parseJson(text) ?? text;
  }
}

/** A list: JSON, or else all non-empty texts or lines. */
function listOf(texts: readonly string[], { elementType, values }: Input): unknown {
  const [text = ""] = texts;
  const list = texts.length === 1 && /^\s*\[/.test(text) ? parseJson(text) : undefined;
  if (Array.isArray(list)) return list;
  const lines = values.length > 0 && texts.length > 1 ? texts : texts.join("\n").split("\n");
  const elements = lines.filter((line) => line.trim() !== "").map((line) =>
    valueOf(elementType === "string" ? line : line.trim(), elementType)
  );
  return elements.includes(undefined) ? undefined : elements;
}

/** The text that a user would type for an input. */
export function typedFor(input: Mapping, { inputs }: Tool): Typed {
  return new Map(inputs.flatMap((one): [string, string[]][] => {
    const value = Object.hasOwn(input, one.name) ? input[one.name] : undefined;
    if (value === undefined || value === null) return [];
    if (isGroup(one) && Array.isArray(value)) return [[one.name, value.map(String)]];
    return [[one.name, [textOf(value, one.type)]]];
  }));
}

function textOf(value: unknown, type: string | undefined): string {
  if (typeof value === "string" && type !== "json") return value;
  const isPlain = (one: unknown) =>
    typeof one === "string" && one.trim() !== "" && !/[\n\r]|^\s*\[/.test(one);
  if (type === "array of string" && Array.isArray(value) && value.every(isPlain)) {
    return value.join("\n");
  }
  return JSON.stringify(value, null, isMapping(value) || Array.isArray(value) ? 2 : 0);
}
