import { Accounts } from "./accounts.ts";
import { Authorizations } from "./authorizations.ts";
import { Clients } from "./clients.ts";
import { Connections } from "./connections.ts";
import type { Database } from "./database.ts";
import { Deployments } from "./deployments.ts";
import { DeviceCodes } from "./device_codes.ts";
import { Events } from "./events.ts";
import { Gateways } from "./gateways.ts";
import { Providers } from "./providers.ts";
import { RegisteredServersTable } from "./registered.ts";
import { ScheduledCalls } from "./scheduled.ts";
import type { Seal } from "./seal.ts";
import { Secrets } from "./secrets.ts";
import { Tokens } from "./tokens.ts";

/** What a local Arcade stores. */
export type Model = ReturnType<typeof modelOf>;

/** @param options.accessTokenSeconds the lifetime of all access tokens; undefined for the usual ones. */
export function modelOf(
  database: Database,
  { seal, now, accessTokenSeconds }: {
    readonly seal: Seal;
    readonly now: () => Date;
    readonly accessTokenSeconds: number | undefined;
  },
) {
  return {
    accounts: new Accounts(database, now),
    authorizations: new Authorizations(database, now),
    clients: new Clients(database, now),
    connections: new Connections(database, { seal, now }),
    deployments: new Deployments(database, now),
    devices: new DeviceCodes(database, now),
    events: new Events(database, now),
    gateways: new Gateways(database, now),
    providers: new Providers(database, { seal, now }),
    registered: new RegisteredServersTable(database, seal),
    scheduled: new ScheduledCalls(database, { seal, now }),
    secrets: new Secrets(database, { seal, now }),
    tokens: new Tokens(database, { now, accessTokenSeconds }),
  };
}
