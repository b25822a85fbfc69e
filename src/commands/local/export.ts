import { callJson } from "../../api/authorized_client.ts";
import {
  readSeed,
  SEED_PATH,
  type SeedGatewayResponse,
  type SeedGrantResponse,
  type SeedResponse,
  type SeedServerResponse,
} from "../../contract/seed.ts";
import { replaceFile } from "../../files/replace_file.ts";
import { printable } from "../../terminal/safe_text.ts";
import { styleFor } from "../../terminal/style.ts";
import type { Context } from "../context.ts";
import { absolute } from "../../system/guarded_program.ts";
import { openLocalArcade } from "../shared/open_local.ts";

/** Writes a seed from which `local exec` and `local serve` create the same local Arcade. */
export async function exportSeed(
  context: Context,
  flags: { readonly port?: number },
  file: string,
): Promise<void> {
  const { address, client } = await openLocalArcade(context, flags.port);
  const seed = await callJson(client, { method: "GET", url: `${address}${SEED_PATH}` }, readSeed);
  const text = await seedText(seed);
  if (file === "-") return context.io.stdout.write(text);
  replaceFile(absolute(context.files.cwd(), file), new TextEncoder().encode(text), { mode: 0o644 });
  const { green } = styleFor(context.io.stderr);
  context.io.stderr.write(`${green("Wrote")} ${printable(file)}\n`);
}

async function seedText(
  { users, organizations, secrets, servers, grants, gateways }: SeedResponse,
): Promise<string> {
  const { dump } = await import("js-yaml");
  const values = new Values();
  const references = secrets.map(({ key }) => [key, values.of(key)]);
  return dump({
    version: 1,
    users,
    organizations,
    ...(secrets.length > 0 && { secrets: Object.fromEntries(references) }),
    ...(servers.length > 0 && { servers: servers.map((server) => seedServer(server, values)) }),
    ...(grants.length > 0 && { grants: grants.map((grant) => seedGrant(grant, values)) }),
    ...(gateways.length > 0 && { gateways: gateways.map(seedGateway) }),
  }, { lineWidth: -1 });
}

function seedGateway({ name, slug, description, auth, status, tools }: SeedGatewayResponse) {
  return {
    name,
    slug,
    ...(description && { description }),
    auth,
    ...(status === "inactive" && { status }),
    ...(tools && { tools }),
  };
}

function seedServer(
  { name, url, has_secret, folder, command }: SeedServerResponse,
  values: Values,
) {
  if (url === undefined) return { name, folder, command };
  const { username, password, search } = new URL(url);
  // These can be tokens.
  const isSecret = username !== "" || password !== "" || search !== "";
  return {
    name,
    url: isSecret ? values.of(`${name}_URL`) : url,
    ...(has_secret && { secret: values.of(`${name}_SECRET`) }),
  };
}

function seedGrant(
  { user, provider, scopes, expires, has_token }: SeedGrantResponse,
  values: Values,
) {
  return {
    user,
    provider,
    scopes,
    ...(has_token && { token: values.of(`${user}_${provider}_TOKEN`) }),
    ...(expires && { expires }),
  };
}

/** Placeholders for values in the export: each value has its own variable. */
class Values {
  readonly #names = new Set<string>();

  /** @param key the owner of the value. */
  of(key: string): string {
    const name = key.replace(/\W/g, "_").replace(/^(?=\d|$)/, "_");
    let own = name;
    for (let i = 2; this.#names.has(own); i++) own = `${name}_${i}`;
    this.#names.add(own);
    return `env:${own}`;
  }
}
