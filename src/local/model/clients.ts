/** The programs that sign users in: arcade itself, and MCP clients that have registered themselves (RFC 7591). */

import type { Fields } from "../../contract/fields.ts";
import { listIn } from "./connections.ts";
import type { Database } from "./database.ts";
import { randomOpaque } from "./opaque.ts";

/** How many are kept. Several clients register again for each login. */
const KEPT = 1000;

/** A public client. */
export interface Client {
  readonly id: string;
  /** Undefined if it did not provide one. */
  readonly name: string | undefined;
  /** A loopback address matches all ports (RFC 8252 section 7.3). */
  readonly redirectUris: readonly string[];
}

/** arcade, and Arcade's Python CLI. Only they get tokens for more than a gateway. */
export const ARCADE_CLIENT: Client = {
  id: "arcade-cli",
  name: "The Arcade command line",
  // The Python CLI says localhost.
  redirectUris: ["127.0.0.1", "[::1]", "localhost"].map((host) => `http://${host}/callback`),
};

function readClient(row: Fields): Client {
  return {
    id: row.requiredText("id"),
    name: row.text("name") || undefined,
    redirectUris: listIn(row, "redirect_uris"),
  };
}

export class Clients {
  readonly #database: Database;
  readonly #now: () => Date;

  constructor(database: Database, now: () => Date) {
    this.#database = database;
    this.#now = now;
  }

  find(id: string): Client | undefined {
    if (id === ARCADE_CLIENT.id) return ARCADE_CLIENT;
    return this.#database.first(readClient, "SELECT * FROM clients WHERE id = ?", id);
  }

  /** Registers a client. */
  register({ name, redirectUris }: Omit<Client, "id">): Client {
    const client = { id: randomOpaque("arcl_cl_", 16), name, redirectUris };
    this.#database.transaction(() => {
      this.#database.run(
        "INSERT INTO clients (id, name, redirect_uris, created_at) VALUES (?, ?, ?, ?)",
        ...[client.id, name ?? "", JSON.stringify(redirectUris), this.#now().getTime()],
      );
      const newest = "(SELECT max(sequence) FROM clients)";
      this.#database.run(`DELETE FROM clients WHERE sequence <= ${newest} - ?`, KEPT);
    });
    return client;
  }
}

/** The addresses of clients that run elsewhere, or that have their own scheme. */
const ELSEWHERE = [
  "cursor://anysphere.cursor-mcp/oauth/callback",
  "https://chatgpt.com/connector_platform_oauth_redirect",
  "https://claude.ai/api/mcp/auth_callback",
  "https://insiders.vscode.dev/redirect",
  "https://vscode.dev/redirect",
];

const MAX_REDIRECT_URI = 2048;
/** Without a user, a fragment or parts that browsers rewrite. */
const LOOPBACK =
  /^(http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost))(?::\d{1,5})?((?:\/[\w~!$&'()*+,;=:@%./?-]*)?)$/;

/** Whether a client may register an address: on this machine, or that of a known client. A code must not be sent anywhere else. */
export function isRedirectUri(uri: string): boolean {
  return ELSEWHERE.includes(uri) ||
    uri.length <= MAX_REDIRECT_URI && LOOPBACK.test(uri) && URL.canParse(uri);
}

/** Whether an address is one that a client has registered. */
export function mayRedirect({ redirectUris }: Client, uri: string): boolean {
  return isRedirectUri(uri) && redirectUris.some((one) => withoutPort(one) === withoutPort(uri));
}

function withoutPort(uri: string): string {
  return uri.replace(LOOPBACK, "$1$2");
}
