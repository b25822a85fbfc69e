/** The gateways of projects, each with the tools that it shows. */

import type { Fields } from "../../contract/fields.ts";
import type { GatewayRequest, GatewayStatus, NewGatewayRequest } from "../../contract/gateways.ts";
import { oneOf } from "../../contract/request.ts";
import { listIn } from "./connections.ts";
import { type Database, timeIn } from "./database.ts";

const AUTH_TYPES = ["arcade", "arcade_header"] as const;
/** How clients of a gateway authenticate. */
export type AuthType = typeof AUTH_TYPES[number];

export interface Gateway {
  /** `gw_…` */
  readonly id: string;
  readonly projectId: string;
  readonly slug: string;
  readonly name: string;
  readonly description: string | undefined;
  readonly status: GatewayStatus;
  readonly authType: AuthType;
  /** The names of its tools; undefined for all of its project. */
  readonly tools: readonly string[] | undefined;
  readonly createdAt: string;
  readonly updatedAt: string;
}

function readGateway(row: Fields): Gateway {
  return {
    id: row.requiredText("id"),
    projectId: row.requiredText("project_id"),
    slug: row.requiredText("slug"),
    name: row.requiredText("name"),
    description: row.text("description"),
    status: oneOf(row, "status", ["active", "inactive"]),
    authType: oneOf(row, "auth_type", AUTH_TYPES),
    tools: row.text("tools") === undefined ? undefined : listIn(row, "tools"),
    createdAt: timeIn(row, "created_at"),
    updatedAt: timeIn(row, "updated_at"),
  };
}

/** A request without user sources, which are not emulated. */
type Own<T extends GatewayRequest> = Omit<T, "auth_type"> & {
  readonly auth_type?: AuthType | undefined;
};

export class Gateways {
  readonly #database: Database;
  readonly #now: () => Date;

  constructor(database: Database, now: () => Date) {
    this.#database = database;
    this.#now = now;
  }

  /** The gateways of a project, the oldest first. */
  of(projectId: string): Gateway[] {
    return this.#database.all(
      readGateway,
      "SELECT * FROM gateways WHERE project_id = ? ORDER BY created_at, rowid",
      projectId,
    );
  }

  /** A gateway of any project. */
  find(id: string): Gateway | undefined {
    return this.#database.first(readGateway, "SELECT * FROM gateways WHERE id = ?", id);
  }

  /** The gateway at an address. */
  at(slug: string): Gateway | undefined {
    // The column compares case-insensitively, but an address is case-sensitive.
    const found = this.#database.first(
      readGateway,
      "SELECT * FROM gateways WHERE slug = ?",
      slug,
    );
    return found?.slug === slug ? found : undefined;
  }

  /** Creates a gateway, by default with a slug that its id makes; undefined if the slug is taken. */
  create(projectId: string, request: Own<NewGatewayRequest>): Gateway | undefined {
    const random = crypto.randomUUID().replaceAll("-", "");
    const { name, description, slug = `gw-${random}`, status = "active" } = request;
    const { auth_type = "arcade", tool_filter } = request;
    const now = this.#now().getTime();
    return this.#database.first(
      readGateway,
      `INSERT INTO gateways VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (slug) DO NOTHING RETURNING *`,
      ...[`gw_${random}`, projectId, slug, name, description ?? null, status, auth_type],
      ...[tool_filter ? JSON.stringify(tool_filter.allowed_tools) : null, now, now],
    );
  }

  /**
   * Changes only the named parts of a gateway. A new slug is another resource for clients, so it revokes their
   * tokens. Undefined if the slug is taken.
   */
  change(gateway: Gateway, change: Own<GatewayRequest>): Gateway | undefined {
    const { description = gateway.description ?? null, tool_filter } = change;
    const tools = tool_filter === undefined ? gateway.tools : tool_filter?.allowed_tools;
    const { slug = gateway.slug, auth_type = gateway.authType } = change;
    return this.#database.transaction(() => {
      const other = this.#database.first(
        readGateway,
        "SELECT * FROM gateways WHERE slug = ? AND id <> ?",
        ...[slug, gateway.id],
      );
      if (other !== undefined) return undefined;
      if (slug !== gateway.slug) {
        for (const table of ["pending_authorizations", "codes", "grants"]) {
          this.#database.run(`DELETE FROM ${table} WHERE gateway_id = ?`, gateway.id);
        }
      }
      return this.#database.first(
        readGateway,
        `UPDATE gateways SET slug = ?, name = ?, description = ?, status = ?, auth_type = ?,
           tools = ?, updated_at = ? WHERE id = ? RETURNING *`,
        ...[slug, change.name ?? gateway.name, description, change.status ?? gateway.status],
        ...[auth_type, tools ? JSON.stringify(tools) : null, this.#now().getTime(), gateway.id],
      );
    });
  }

  /** Removes a gateway with everything that was issued for it; false when it does not exist. */
  remove(id: string): boolean {
    return this.#database.run("DELETE FROM gateways WHERE id = ?", id) === 1;
  }
}
