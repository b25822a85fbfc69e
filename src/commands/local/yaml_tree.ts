/** YAML as a tree of texts with their lines, so that an error can name the line and need not repeat a value. */

import { EVENT_ID, getScalarValue, parseEvents, YAMLException } from "js-yaml";
import { Failure } from "../../failure.ts";

export interface YamlText {
  readonly kind: "text";
  readonly line: number;
  /** As it is written, without quotes: `08` and `true` are texts too. */
  readonly text: string;
}

export interface YamlList {
  readonly kind: "list";
  readonly line: number;
  readonly items: readonly YamlTree[];
}

export interface YamlMap {
  readonly kind: "map";
  readonly line: number;
  readonly entries: readonly YamlEntry[];
}

export interface YamlEntry {
  readonly key: string;
  readonly line: number;
  readonly value: YamlTree;
}

export type YamlTree = YamlText | YamlList | YamlMap;

/** The failure for a line of a file. */
export type ErrorAt = (line: number, message: string) => Failure;

/**
 * Parses one YAML document without anchors, aliases and tags.
 *
 * @returns undefined for an empty document.
 * @throws what `errorAt` returns.
 */
export function parseYaml(source: string, errorAt: ErrorAt): YamlTree | undefined {
  let events: ReturnType<typeof parseEvents>;
  try {
    events = parseEvents(source, {});
  } catch (error) {
    const line = error instanceof YAMLException ? error.mark?.line : undefined;
    throw errorAt((line ?? 0) + 1, "This is not valid YAML"); // its message may quote the text
  }
  const lineOf = linesOf(source);
  let at = 0;
  const read = (before: number): YamlTree | undefined => {
    const event = events[at++];
    switch (event?.type) {
      case EVENT_ID.ALIAS:
        throw errorAt(lineOf(event.anchorStart), "Aliases are not supported");
      case EVENT_ID.SCALAR: {
        const line = event.valueStart < 0 ? before : lineOf(event.valueStart);
        requirePlain(event, line);
        const text = event.valueStart < 0 ? "" : getScalarValue(source, event);
        return { kind: "text", line, text };
      }
      case EVENT_ID.SEQUENCE: {
        const line = lineOf(event.start);
        requirePlain(event, line);
        const items: YamlTree[] = [];
        for (let item = read(line); item !== undefined; item = read(line)) items.push(item);
        return { kind: "list", line, items };
      }
      case EVENT_ID.MAPPING: {
        const line = lineOf(event.start);
        requirePlain(event, line);
        return { kind: "map", line, entries: readEntries(line) };
      }
    }
  };
  const readEntries = (before: number): YamlEntry[] => {
    const entries = new Map<string, YamlEntry>();
    for (let key = read(before); key !== undefined; key = read(before)) {
      if (key.kind !== "text") throw errorAt(key.line, "A key must be a text");
      const { line, text } = key;
      if (entries.has(text)) throw errorAt(line, "This key is listed twice");
      entries.set(text, { key: text, line, value: read(line) ?? { kind: "text", line, text: "" } });
    }
    return [...entries.values()];
  };
  const requirePlain = (
    { anchorStart, tagStart }: { readonly anchorStart: number; readonly tagStart: number },
    line: number,
  ) => {
    if (anchorStart >= 0 || tagStart >= 0) {
      throw errorAt(line, "Anchors and tags are not supported");
    }
  };
  if (events[at++]?.type !== EVENT_ID.DOCUMENT) return undefined;
  const tree = read(1);
  if (events.slice(at).some(({ type }) => type === EVENT_ID.DOCUMENT)) {
    throw errorAt(1, "Only one document is supported");
  }
  return tree?.kind === "text" && tree.text === "" ? undefined : tree;
}

/** Finds the line of an offset, from 1. */
function linesOf(source: string): (offset: number) => number {
  const starts = [0];
  for (let at = source.indexOf("\n"); at !== -1; at = source.indexOf("\n", at + 1)) {
    starts.push(at + 1);
  }
  return (offset) => {
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? Infinity) <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  };
}
