import { entryOf } from "../../clients/entry.ts";
import type { Client } from "../../clients/clients.ts";
import { Failure } from "../../failure.ts";
import { isAcross, type Machine } from "../../clients/places.ts";
import type { Context } from "../context.ts";
import {
  changeEntry,
  clientMachine,
  findPlace,
  requireClient,
  requireServerName,
  requireWritten,
  type ServerPlace,
} from "../shared/client_files.ts";
import { gatewayServer, nextSteps, requireReachable } from "../shared/gateway_client.ts";
import { AUTH_TYPES } from "../shared/gateways.ts";
import type { Link } from "./link.ts";

const SCOPE = "user";

/** An MCP client that has the gateway while the server runs. */
export class ConnectedClient {
  readonly #context: Context;
  readonly #client: Client;
  readonly #machine: Machine;
  #place: ServerPlace | undefined;

  private constructor(context: Context, client: Client, machine: Machine) {
    this.#context = context;
    this.#client = client;
    this.#machine = machine;
  }

  /** @throws {Failure} of kind `usage` for a client that is unknown, or whose files arcade does not write. */
  static async find(context: Context, name: string): Promise<ConnectedClient> {
    const client = await requireClient(context, name);
    requireWritten(client, "connect");
    requireReachable(client, "http://127.0.0.1");
    return new ConnectedClient(context, client, await clientMachine(context));
  }

  /** Adds the gateway to the client. Returns the user's next steps. */
  async connect(
    { gatewayUrl: url, session }: Link,
    auth: keyof typeof AUTH_TYPES,
  ): Promise<string[]> {
    const [context, client, machine] = [this.#context, this.#client, this.#machine];
    const name = requireServerName(client, { scope: SCOPE }, session.gateway);
    const server = await gatewayServer(context, client, {
      url,
      authType: AUTH_TYPES[auth],
      name,
      isWrapped: isAcross(client, SCOPE, machine),
      contextName: undefined,
    });
    const entry = entryOf(client, name, server);
    if (entry === undefined) throw new Error("A client starts no servers");
    const place = await findPlace(context, { client, name, flags: { scope: SCOPE }, machine });
    await changeEntry(context, place, entry, { replacesOwn: true });
    this.#place = place;
    return [
      `${client.title} has the gateway as ${name} while this command runs`,
      ...nextSteps(client, { name, server, scope: SCOPE }),
    ];
  }

  /** Removes the gateway from the client. */
  async disconnect(): Promise<void> {
    if (this.#place === undefined) return;
    const { signals } = this.#context;
    const never = new AbortController().signal;
    try {
      // An interruption is the usual reason for this.
      const context = { ...this.#context, signals: { ...signals, interruption: () => never } };
      await changeEntry(context, this.#place, undefined, {});
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.#context.io.warn(error.message);
    }
  }
}
