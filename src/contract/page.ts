/** Lists that the engine gives in pages (docs/contracts.md, Engine). */

import type { Fields } from "./fields.ts";

/** A page of a list, which `?limit` and `?offset` ask for. */
export interface Page<T> {
  readonly items: readonly T[];
  /** The length of the whole list. */
  readonly total_count: number;
  readonly offset: number;
  readonly limit: number;
  readonly page_count: number;
}

/** What `?limit` and `?offset` may be. */
export const LIMIT = { least: 1, most: 1000, otherwise: 25 };
export const OFFSET = { least: 0, most: 1_000_000, otherwise: 0 };

/** The items of a page, and the length of the whole list if the engine returns it. */
export function readPage(
  answer: Fields,
): { readonly items: readonly Fields[]; readonly total: number | undefined } {
  return { items: answer.list("items") ?? [], total: answer.integer("total_count") };
}
