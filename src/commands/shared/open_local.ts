import { type AuthorizedClient, bearerClient } from "../../api/authorized_client.ts";
import { throughPeer } from "../../api/local_peer.ts";
import { Sensitive } from "../../secrecy/sensitive.ts";
import type { RunningArcade } from "../../files/running.ts";
import type { Context } from "../context.ts";
import { findLocalArcade, variablesOf } from "./local_arcade.ts";

/**
 * Opens the running local Arcade for requests with the key of its default project.
 *
 * @throws {Failure} as {@link findLocalArcade} and {@link variablesOf} do.
 */
export async function openLocalArcade(
  context: Context,
  port: number | undefined,
): Promise<{ readonly address: string; readonly client: AuthorizedClient }> {
  const arcade = await findLocalArcade(context, port);
  return { address: arcade.address, client: clientOf(context, arcade) };
}

/** Sends requests to a local Arcade that runs. Throws as {@link variablesOf} does. */
export function clientOf(context: Context, arcade: RunningArcade): AuthorizedClient {
  const { ARCADE_API_KEY = "" } = variablesOf(arcade);
  return bearerClient(throughPeer(context, arcade.address), new Sensitive(ARCADE_API_KEY), {
    renewal: "Restart the local Arcade to create a new key",
  });
}
