/** The engine: tools of servers (docs/contracts.md, Engine). */

import type { Fields } from "../contract/fields.ts";
import type { AuthorizedClient } from "./authorized_client.ts";
import { callPages } from "./pages.ts";

/** A tool. What the engine does not tell is undefined or empty. */
export interface Tool {
  /** With its server in front: `Weather.Forecast`. */
  readonly name: string;
  readonly version: string | undefined;
  /** Its server, which the engine calls a toolkit. */
  readonly server: string | undefined;
  readonly description: string | undefined;
  readonly inputs: readonly Input[];
  readonly output: { readonly type: string | undefined; readonly description: string | undefined };
  /** The keys of the secrets that it needs. */
  readonly secrets: readonly string[];
  /** What its user has to authorize; undefined if nothing. */
  readonly authorization: Authorization | undefined;
  /** Why it is deprecated. */
  readonly deprecation: string | undefined;
}

/** A tool in a list of the engine. */
export interface ListedTool extends Tool {
  /** Everything the engine returns about it: JSON, as it is written. */
  readonly asWritten: () => string;
}

/** A parameter of a tool. */
export interface Input {
  readonly name: string;
  /** `string`, or `array of string`; undefined if the engine does not tell it. */
  readonly type: string | undefined;
  readonly isRequired: boolean;
  readonly description: string | undefined;
  /** The values that are allowed; empty for all of the type. */
  readonly values: readonly string[];
}

/** An authorization that a tool needs. */
export interface Authorization {
  /** `github`, for example. */
  readonly provider: string | undefined;
  /** `oauth2`, for example. */
  readonly type: string | undefined;
  readonly scopes: readonly string[];
}

/** As many as the Python CLI asks for. */
const PAGE = 1000;

/**
 * The tools of a project.
 *
 * @param projectUrl as `projectUrl` of urls.ts makes it.
 * @param options.server only the tools of this server.
 */
export async function fetchTools(
  client: AuthorizedClient,
  projectUrl: string,
  { server }: { readonly server?: string | undefined } = {},
): Promise<ListedTool[]> {
  const query = server === undefined ? {} : { toolkit: server };
  return await callPages(client, `${projectUrl}/tools`, {
    query,
    limit: PAGE,
    read: (fields, asWritten) => ({ ...readTool(fields), asWritten }),
  });
}

/** A tool, as the engine and a server list it. */
export function readTool(fields: Fields): Tool {
  const toolkit = fields.fields("toolkit");
  const server = toolkit?.text("name");
  const { name, version } = readName(fields, server);
  const requirements = fields.fields("requirements");
  const output = fields.fields("output");
  return {
    name,
    version: toolkit?.text("version") || version,
    server,
    description: fields.text("description"),
    inputs: (fields.fields("input")?.list("parameters") ?? []).map(readInput),
    output: {
      type: typeOf(output?.fields("value_schema")),
      description: output?.text("description"),
    },
    secrets: (requirements?.list("secrets") ?? []).flatMap((secret) => secret.text("key") ?? []),
    authorization: readAuthorization(requirements?.fields("authorization")),
    deprecation: fields.text("deprecation_message") || undefined,
  };
}

/** The name of a tool, which the engine writes with its server in front, and with its version behind an @. */
function readName(
  fields: Fields,
  server: string | undefined,
): { readonly name: string; readonly version: string | undefined } {
  const own = fields.text("name");
  const full = fields.text("fully_qualified_name") || fields.text("qualified_name");
  const written = full || (server && own ? `${server}.${own}` : own ?? "");
  const [name = "", version] = written.split("@");
  return { name, version };
}

function readInput(parameter: Fields): Input {
  const schema = parameter.fields("value_schema");
  return {
    name: parameter.text("name") ?? "",
    type: typeOf(schema),
    isRequired: parameter.flag("required"),
    description: parameter.text("description"),
    values: schema?.texts("enum") ?? [],
  };
}

function typeOf(schema: Fields | undefined): string | undefined {
  const type = schema?.text("val_type");
  const inner = schema?.text("inner_val_type");
  return type && inner ? `${type} of ${inner}` : type;
}

function readAuthorization(fields: Fields | undefined): Authorization | undefined {
  return fields && {
    provider: fields.text("provider_id") || fields.text("id") || undefined,
    type: fields.text("provider_type"),
    scopes: fields.fields("oauth2")?.texts("scopes") ?? [],
  };
}
