/** Texts that no event may contain. Separate from the report, because only failures need it. */

import { Sensitive } from "../secrecy/sensitive.ts";
import { homeFolder } from "../files/arcade_folder.ts";
import { DEFAULT_CONTEXT, readContexts } from "../store/credentials.ts";
import { hasIdentities, identityFile } from "../store/identity_file.ts";
import type { TelemetryContext } from "./context.ts";

/** All texts that were typed or stored, which no event may contain. */
export async function privateTexts(
  context: TelemetryContext,
  typed: readonly string[],
): Promise<Set<string>> {
  const { env } = context;
  const texts = new Set(Sensitive.all());
  for (const text of typed) {
    texts.add(text);
    // Messages may repeat `--flag=value` and `KEY=VALUE` in parts, which may be short.
    for (const part of text.split("=")) texts.add(part);
  }
  for (const value of Object.values(env)) {
    if (value !== undefined && value.length >= SHORTEST) texts.add(value);
  }
  const home = homeFolder(env) ?? "";
  texts.add(home.split(/[/\\]/).findLast((part) => part !== "") ?? "");
  for (const text of await storedTexts(context)) texts.add(text);
  return texts;
}

/** Shorter values, such as `1`, are not private. */
const SHORTEST = 4;

/** All names, ids and addresses in the Arcade folder. The command could not read unreadable files either. */
async function storedTexts(context: TelemetryContext): Promise<string[]> {
  const stored = await Promise.all([storedContexts(context), storedHubs(context)].map(orNothing));
  return stored.flat();
}

async function orNothing(texts: Promise<string[]>): Promise<string[]> {
  try {
    return await texts;
  } catch {
    return [];
  }
}

async function storedContexts({ files: { folder } }: TelemetryContext): Promise<string[]> {
  const contexts = await readContexts(folder());
  return contexts.flatMap(({ contextName, coordinatorUrl, engineUrl, dashboardUrl, login }) =>
    [
      contextName === DEFAULT_CONTEXT ? undefined : contextName,
      ...[coordinatorUrl, engineUrl, dashboardUrl].flatMap((address = "") =>
        partsOfAddress(address)
      ),
      login?.email,
      login?.accountId,
      ...Object.values(login?.activeProject ?? {}),
    ].filter((text) => text !== undefined)
  );
}

async function storedHubs(context: TelemetryContext): Promise<string[]> {
  const file = identityFile(context);
  if (!hasIdentities(file)) return [];
  const { listIdentities } = await import("../store/hub_identities.ts");
  const { identities, unusable } = listIdentities(file.path);
  return [
    ...unusable.map(({ hub }) => hub),
    ...identities.flatMap((
      { hub, name = "", id = "", capabilities },
    ) => [hub, name, id, ...capabilities]),
  ];
}

/** An address and its host; nothing for Arcade's own hosts. */
function partsOfAddress(address: string): string[] {
  const url = URL.parse(address);
  if (!url || /(?:^|\.)arcade\.dev$/.test(url.hostname)) return [];
  return [address, url.host, url.hostname];
}
