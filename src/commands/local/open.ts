import { type AuthorizedClient, bearerClient } from "../../api/authorized_client.ts";
import { throughPeer } from "../../api/local_peer.ts";
import { Sensitive } from "../../secrecy/sensitive.ts";
import type { Context } from "../context.ts";
import { findLocalArcade, variablesOf } from "../shared/local_arcade.ts";

/**
 * Opens the local Arcade that runs, to send requests with the key of its default project.
 *
 * @throws {Failure} as {@link findLocalArcade} and {@link variablesOf} do.
 */
export async function openLocalArcade(
  context: Context,
  port: number | undefined,
): Promise<{ readonly address: string; readonly client: AuthorizedClient }> {
  const arcade = await findLocalArcade(context, port);
  const { address } = arcade;
  const { ARCADE_API_KEY = "" } = variablesOf(arcade);
  const client = bearerClient(throughPeer(context, address), new Sensitive(ARCADE_API_KEY), {
    renewal: "Restart the local Arcade to create a new key",
  });
  return { address, client };
}
