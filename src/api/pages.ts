/** Lists that the engine gives in pages (docs/contracts.md, Engine). */

import type { Fields } from "../contract/fields.ts";
import { readPage } from "../contract/page.ts";
import { Failure } from "../failure.ts";
import { elementsAsWritten } from "../text/json_text.ts";
import { readAnswer } from "./answers.ts";
import type { AuthorizedClient } from "./authorized_client.ts";
import { type HttpRequest, originOf } from "./http_message.ts";

/** No list is this long; a server that returns more pages never ends its list. */
const MAX_PAGES = 1000;

/**
 * All items of a list. An item on several pages counts once, because the list can change between two pages, and a
 * page without a new item is the last one.
 *
 * @param url the address of the list, without a query.
 * @param options.limit how many items to ask for at a time.
 * @param options.read parses an item; its second parameter returns the item's JSON as it was written.
 * @throws {Failure} of kind `server` when the list never ends, and as {@link readAnswer} does.
 */
export async function callPages<T>(
  client: AuthorizedClient,
  url: string,
  { query = {}, limit, read }: {
    readonly query?: Readonly<Record<string, string>>;
    readonly limit: number;
    readonly read: (item: Fields, asWritten: () => string) => T;
  },
): Promise<T[]> {
  const items = new Map<string, T>();
  let offset = 0;
  for (let page = 0; page < MAX_PAGES; page++) {
    const asked = new URLSearchParams({ ...query, limit: String(limit) });
    if (offset > 0) asked.set("offset", String(offset));
    const request: HttpRequest = { method: "GET", url: `${url}?${asked}` };
    const answer = await client.request(request);
    const { found, total } = readAnswer(request, answer, (fields) => {
      const { items, total } = readPage(fields);
      const found = items.map((item, i) => {
        const asWritten = () => elementsAsWritten(answer.text, "items")[i] ?? "";
        return [JSON.stringify(item.mapping), read(item, asWritten)] as const;
      });
      return { found, total };
    });
    const before = items.size;
    for (const [content, item] of found) items.set(content, item);
    offset += found.length;
    const isLast = total === undefined ? found.length < limit : offset >= total;
    if (isLast || items.size === before) return [...items.values()];
  }
  throw new Failure("server", `${originOf(url)} returns a list that never ends`, {
    next: "Check that the address is an Arcade service and that arcade is up to date",
  });
}
