/** The identities of the benchmark. */

export const HUB = "musehub.ai";

export const IDENTITIES = ["api.example.com", "staging.musehub.ai", HUB, "localhost:8000"].map((
  hub,
) =>
  `["${hub}"]
type = "agent"
name = "composer-v2"
id = "agt_def456"
token = "${"token".repeat(100)}"
capabilities = ["read:*", "write:midi", "commit"]
`
).join("\n");

/** The values of a hub's table by key, found without a TOML parser. */
export function readIdentity(): Record<string, string> {
  const text = Deno.readTextFileSync(`${Deno.env.get("HOME")}/.arcade/identity.toml`);
  const [, table = ""] = text.split(`["${HUB}"]\n`);
  return Object.fromEntries(
    [...table.split("\n[")[0]?.matchAll(/(\w+) = (.+)/g) ?? []].map((
      [, key, value],
    ) => [key, value]),
  );
}
