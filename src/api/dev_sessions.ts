/** The local Arcade: the server that `arcade dev` runs (src/contract/dev_sessions.ts). */

import {
  DEV_SESSIONS_PATH,
  type DevCallEvent,
  type DevLogRequest,
  type DevSessionEvent,
  type DevSessionRequest,
  MAX_LOG_LINES,
  readDevEvent,
} from "../contract/dev_sessions.ts";
import { Fields, InvalidField, isMapping, parseJson } from "../contract/fields.ts";
import type { ServerSettings } from "../contract/servers.ts";
import { readTool, type Tool } from "../contract/tools.ts";
import { Failure } from "../failure.ts";
import { pathSegment } from "../hosts/urls.ts";
import type { AuthorizedClient } from "./authorized_client.ts";
import type { HttpRequest } from "./http_message.ts";
import { callPages } from "./pages.ts";
import { messagesOf, textsOf } from "./stream.ts";

/** The stream says that it lives every five seconds. */
const QUIET_MS = 30_000;
const PAGE = 100;

/** A session that the local Arcade has opened. It ends with its events. */
export interface DevSession extends Omit<DevSessionEvent, "type"> {
  /** The calls in the project that end, until the signal is aborted or the connection breaks. */
  readonly calls: AsyncIterable<DevCallEvent>;
}

/** One server of a session, in the default project of the local Arcade. */
export class DevSessionClient {
  readonly #client: AuthorizedClient;
  readonly #address: string;
  readonly #name: string;

  /** @param address the address of the local Arcade. */
  constructor(client: AuthorizedClient, address: string, name: string) {
    this.#client = client;
    this.#address = address;
    this.#name = name;
  }

  /**
   * Opens the session.
   *
   * @param signal ends it when it is aborted; its reason is a {@link Failure}.
   * @throws {Failure} with the status 409 when the project has a server with this name, and 404 when it is an older arcade.
   */
  async open(
    { gateway, auth_type }: Pick<DevSessionRequest, "gateway" | "auth_type">,
    signal: AbortSignal,
  ): Promise<DevSession> {
    const json = { id: this.#name, gateway, auth_type } satisfies DevSessionRequest;
    const request: HttpRequest = {
      method: "POST",
      url: `${this.#address}${DEV_SESSIONS_PATH}`,
      json,
      accept: "text/event-stream",
      isStreamed: true,
    };
    const answer = await this.#client.request(request);
    const events = eventsIn(messagesOf(textsOf(request, answer, { quietMs: QUIET_MS, signal })));
    const first = (await events.next()).value;
    if (first?.type === "session") return { ...first, calls: callsIn(events) };
    throw new Failure("server", "The local Arcade opened no session", {
      next: "Stop it and start it again with this arcade",
    });
  }

  /** Tells where the server runs now. */
  async moveTo(settings: ServerSettings): Promise<void> {
    await this.#client.request({
      method: "PUT",
      url: this.#urlOf(""),
      jsonText: JSON.stringify(settings), // a secret may be in it
    });
  }

  /** Adds lines to the log of the server. */
  async log(lines: readonly string[]): Promise<void> {
    const json = { lines: lines.slice(0, MAX_LOG_LINES) } satisfies DevLogRequest;
    await this.#client.request({
      method: "POST",
      url: this.#urlOf("/log"),
      jsonText: JSON.stringify(json),
    });
  }

  /** The tools of the server, with what a user needs for them. */
  async tools(userId: string): Promise<Tool[]> {
    return await callPages(
      this.#client,
      `${this.#address}/v1/workers/${pathSegment(this.#name)}/tools`,
      { query: { user_id: userId }, limit: PAGE, read: readTool },
    );
  }

  #urlOf(rest: string): string {
    return `${this.#address}${DEV_SESSIONS_PATH}/${pathSegment(this.#name)}${rest}`;
  }
}

async function* eventsIn(
  batches: AsyncIterable<readonly string[]>,
): AsyncGenerator<DevSessionEvent | DevCallEvent, undefined> {
  for await (const batch of batches) {
    for (const text of batch) {
      const content = parseJson(text);
      try {
        yield readDevEvent(new Fields(isMapping(content) ? content : {}));
      } catch (error) {
        if (!(error instanceof InvalidField)) throw error; // of a newer arcade
      }
    }
  }
}

async function* callsIn(
  events: AsyncIterable<DevSessionEvent | DevCallEvent>,
): AsyncGenerator<DevCallEvent> {
  for await (const event of events) if (event.type === "call") yield event;
}
