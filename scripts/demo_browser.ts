/**
 * Acts as the browser of the demo: opens the dashboard, which sets a cookie, opens the address of the login, and approves on
 * the sign-in page. Writes the texts of the pages to a file. Arguments: the file, the address of the dashboard, and the
 * address of the login.
 */

import { Visitor } from "./visitor.ts";

const [notes = "", dashboard = "", address = ""] = Deno.args;

const visitor = new Visitor();
await (await visitor.fetch(dashboard)).body?.cancel();
const signIn = await visitor.fetch(address);
const page = await signIn.text();
await note(page);
const form = new URLSearchParams();
for (const [input] of page.matchAll(/<(?:input|button)\b[^>]*>/g)) {
  const attribute = (name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(input)?.[1] ?? "";
  const isChosen = attribute("type") !== "radio" || input.includes("checked");
  if (attribute("name") && attribute("value") !== "deny" && isChosen) {
    form.set(attribute("name"), attribute("value"));
  }
}
const action = /<form[^>]*\baction="([^"]*)"/.exec(page)?.[1] ?? "";
const decided = new URL(action, signIn.url).href;
const result = await visitor.fetch(decided, { method: "POST", body: form });
await note(await result.text());

async function note(html: string): Promise<void> {
  const heading = /<h1>(.*?)<\/h1>/.exec(html)?.[1] ?? "";
  const text = /<p>(.*?)<\/p>/s.exec(html)?.[1]?.trim() ?? "";
  await Deno.writeTextFile(notes, `${heading}: ${text}\n`, { append: true });
}
