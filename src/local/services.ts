import type { Mapping } from "../contract/fields.ts";
import type { Tool } from "../contract/tools.ts";
import type { Calls } from "./calls/calls.ts";
import type { PageCalls } from "./calls/page_calls.ts";
import type { Schedule } from "./calls/schedule.ts";
import type { UserGrants } from "./grants/user_grants.ts";
import type { Waiters } from "./grants/waiters.ts";
import type { Accounts } from "./model/accounts.ts";
import type { Clients } from "./model/clients.ts";
import type { DeviceCodes } from "./model/device_codes.ts";
import type { Events } from "./model/events.ts";
import type { Gateways } from "./model/gateways.ts";
import type { Secrets } from "./model/secrets.ts";
import type { Tokens } from "./model/tokens.ts";
import type { PageAccess } from "./pages/page_access.ts";
import type { SeedServers } from "./servers/seed_servers.ts";
import type { RegisteredServers } from "./servers/registered.ts";
import type { Servers } from "./servers/servers.ts";

/** Writes a command line that calls a tool: with an input, or with values for everything that it requires. */
export type ExampleLine = (
  tool: Tool,
  options?: { readonly input?: Mapping; readonly user?: string | undefined },
) => string;

/** The services that the routes use. */
export interface Services {
  accounts: Accounts;
  tokens: Tokens;
  clients: Clients;
  devices: DeviceCodes;
  secrets: Secrets;
  events: Events;
  gateways: Gateways;
  servers: Servers;
  registered: RegisteredServers;
  seedServers: SeedServers;
  calls: Calls;
  schedule: Schedule;
  pageCalls: PageCalls;
  grants: UserGrants;
  waiters: Waiters;
  /** Aborted when the server stops. */
  stopping: AbortSignal;
  /** Why no servers run here; undefined if they do. */
  noServers: string | undefined;
  /** The proof that this is the registered local Arcade, for the nonce of a client. */
  prove: (nonce: string) => Promise<string>;
  access: PageAccess;
  autoApprove: boolean;
  now: () => Date;
  sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  /** A command line that calls a tool. */
  exampleLine: ExampleLine | undefined;
}
