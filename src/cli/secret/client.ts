import { SecretsClient, secretsUrl } from "../../arcade/engine.ts";
import type { AddressFlags } from "../../arcade/urls.ts";
import type { Context } from "../context.ts";
import { accessEngine, type Capability } from "../access.ts";

/** The secrets that this command works on. Throws as {@link accessEngine} does. */
export async function secretsClient(
  context: Context,
  flags: AddressFlags,
  needed: readonly Capability[],
): Promise<SecretsClient> {
  const { caller, engine, project } = await accessEngine(context, flags, needed);
  return new SecretsClient(caller, secretsUrl(engine, project));
}
