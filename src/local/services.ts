import type { Accounts } from "./model/accounts.ts";
import type { DeviceCodes } from "./model/device_codes.ts";
import type { Events } from "./model/events.ts";
import type { Secrets } from "./model/secrets.ts";
import type { Tokens } from "./model/tokens.ts";
import type { PageAccess } from "./pages/page_access.ts";
import type { Servers } from "./servers/servers.ts";

/** The services that the routes use. */
export interface Services {
  accounts: Accounts;
  tokens: Tokens;
  devices: DeviceCodes;
  secrets: Secrets;
  events: Events;
  servers: Servers;
  /** Why no servers run here; undefined if they do. */
  noServers: string | undefined;
  /** The proof that this is the registered local Arcade, for the nonce of a client. */
  prove: (nonce: string) => Promise<string>;
  access: PageAccess;
  autoApprove: boolean;
}
