/**
 * What a person does in the browser during the demo: open the address, read the sign-in page, approve, and end up on the
 * page that says how it went. Writes what the pages say to the file that is named first; the address comes second.
 */

const [notes = "", address = ""] = Deno.args;

const signIn = await fetch(address);
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
const result = await fetch(new URL(action, signIn.url), { method: "POST", body: form });
await note(await result.text());

async function note(html: string): Promise<void> {
  const heading = /<h1>(.*?)<\/h1>/.exec(html)?.[1] ?? "";
  const text = /<p>(.*?)<\/p>/s.exec(html)?.[1]?.trim() ?? "";
  await Deno.writeTextFile(notes, `${heading}: ${text}\n`, { append: true });
}
