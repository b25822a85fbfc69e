import type { Context } from "hono";
import { LIMIT, OFFSET, type Page } from "../contract/page.ts";
import { ApiError } from "./api_error.ts";

/**
 * The part of a list that `offset` and `limit` of a request ask for (docs/contracts.md, Engine).
 *
 * @param options.isWhole whether a request without a limit asks for the whole list.
 */
export function pageOf<T>(
  c: Context,
  all: readonly T[],
  { isWhole = false }: { readonly isWhole?: boolean } = {},
): Page<T> {
  const offset = wholeNumber(c, "offset", OFFSET);
  const limit = isWhole && c.req.query("limit") === undefined
    ? all.length
    : wholeNumber(c, "limit", LIMIT);
  const items = all.slice(offset, offset + limit);
  return { items, total_count: all.length, offset, limit, page_count: items.length };
}

/** The same page with other items. */
export function mapPage<T, U>(
  { items, ...page }: Page<T>,
  map: (items: readonly T[]) => U[],
): Page<U> {
  return { items: map(items), ...page };
}

function wholeNumber(
  c: Context,
  name: string,
  { least, most, otherwise }: { least: number; most: number; otherwise: number },
): number {
  const text = c.req.query(name) ?? String(otherwise);
  const number = /^\d{1,7}$/.test(text) ? Number(text) : -1;
  if (number >= least && number <= most) return number;
  throw new ApiError(400, `The parameter ${name} must be a number from ${least} to ${most}`);
}
