import { type SecretsClient, secretsOfApiKey, secretsOfProject } from "../../arcade/engine.ts";
import { Session } from "../../arcade/session.ts";
import { type AddressFlags, engineUrl } from "../../arcade/urls.ts";
import { Sensitive } from "../../sensitive.ts";
import type { Context } from "../context.ts";

/** The secrets that this command works on: those of `ARCADE_API_KEY` if it is set, else those of the active project. */
export async function secretsClient(
  context: Context,
  flags: AddressFlags,
): Promise<SecretsClient> {
  const apiKey = context.env.ARCADE_API_KEY?.trim(); // a file that it was read from may end in a line end
  if (apiKey) {
    const engine = engineUrl(flags, context.env);
    return secretsOfApiKey(context, new Sensitive(apiKey), engine);
  }
  const session = await Session.open(context);
  return secretsOfProject(session, engineUrl(flags, context.env, session.storedEngine));
}
