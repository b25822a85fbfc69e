/** The engine: servers, which it calls workers (docs/contracts.md, Engine). */

import { type Fields, InvalidField } from "./fields.ts";
import { type Body, requiredFlag, textBy, type TextRule, WEB_ADDRESS } from "./request.ts";

/** `GET …/workers/{name}`, and an item of `GET …/workers`. */
export interface ServerResponse {
  /** Its name. */
  readonly id: string;
  readonly type: string;
  readonly enabled: boolean;
  /** Whether Arcade runs it. */
  readonly managed: boolean;
  readonly binding: { readonly id: string; readonly type: string };
  /** Its address, in the field of its type. */
  readonly http?: {
    readonly uri?: string;
    readonly timeout?: number;
    readonly retry?: number;
    readonly secret?: StoredValue;
  };
  readonly mcp?: {
    readonly uri: string;
    readonly timeout: number;
    readonly retry: number;
    readonly headers: Texts;
    readonly secrets: Readonly<Record<string, StoredValue>>;
  };
  readonly requirements?: { readonly met: boolean };
}

/** A value that is stored and not shown. */
export interface StoredValue {
  readonly exists: boolean;
  readonly editable: boolean;
  readonly binding: "project";
}

export type Texts = Readonly<Record<string, string>>;

/** A server that has tools. */
export interface Server {
  /** Undefined if the engine does not return it. */
  readonly name: string | undefined;
  /** `http`, `mcp`, or a type of newer engines. */
  readonly type: string | undefined;
  readonly isEnabled: boolean;
  /** Whether Arcade runs it. */
  readonly isManaged: boolean;
  readonly url: string | undefined;
  /** Who it belongs to: `static`, `tenant`, `project` or `account`. */
  readonly binding: string | undefined;
}

export function readServer(answer: Fields): Server {
  const urls = ["http", "mcp", "oxp"].map((kind) => answer.fields(kind)?.text("uri"));
  return {
    name: answer.text("id"),
    type: answer.text("type"),
    isEnabled: answer.flag("enabled"),
    isManaged: answer.flag("managed"),
    url: urls.find((url) => url),
    binding: answer.fields("binding")?.text("type"),
  };
}

/** `GET …/workers/{name}/health`. */
export interface ServerHealthResponse {
  readonly id: string;
  readonly enabled: boolean;
  readonly healthy: boolean;
  readonly message: string;
}

/** The health of a server, as the engine sees it. */
export interface ServerHealth {
  readonly isHealthy: boolean;
  readonly message: string | undefined;
}

export function readServerHealth(answer: Fields): ServerHealth {
  return { isHealthy: answer.flag("healthy"), message: answer.text("message") };
}

/** The name of a server. */
export const SERVER_NAME = /^[A-Za-z0-9][\w.-]{0,99}$/;
export const SERVER: TextRule = {
  isValid: (name) => SERVER_NAME.test(name),
  must: "1 to 100 letters, digits, underscores, dots and dashes",
};
const SECRET: TextRule = {
  isValid: ({ length }) => length > 0 && length <= 5000,
  must: "1 to 5000 characters",
};
const HEADER_VALUE: TextRule = {
  isValid: (text) => text.length <= 5000 && !/[\0\r\n]/.test(text),
  must: "at most 5000 characters on one line",
};

/** A server with the worker routes. */
export interface HttpSettings {
  readonly uri: string;
  /** Signs the tokens of the engine. */
  readonly secret: string;
  /** How long a call may take, in seconds. */
  readonly timeout: number;
  /** How often a request that did not reach the server is repeated. */
  readonly retry: number;
}

/** A server with MCP over HTTP. */
export interface McpSettings {
  readonly uri: string;
  /** How long a call may take, in seconds. */
  readonly timeout: number;
  readonly retry: number;
  /** Their values may contain `${secret:NAME}`. */
  readonly headers: Texts;
  readonly secrets: Texts;
}

/** `POST …/workers`: a server that runs elsewhere. */
export interface NewServerRequest {
  readonly id: string;
  readonly enabled: boolean;
  readonly settings: ServerSettings;
  /** Whether users sign in to the server (`mcp.oauth2`), which the local Arcade does not emulate. */
  readonly isOAuth?: boolean | undefined;
}

export type ServerSettings =
  | { readonly type: "http"; readonly http: HttpSettings }
  | { readonly type: "mcp"; readonly mcp: McpSettings };

export const newServerRequest: Body<NewServerRequest> = {
  expected:
    "an object with an id of at most 100 letters, digits, underscores, dots and dashes, and either " +
    "http (uri, secret, timeout, retry) or mcp (uri, timeout, retry, and optionally headers and secrets)",
  read(body) {
    return {
      id: textBy(body, "id", SERVER),
      enabled: body.mapping.enabled === undefined || requiredFlag(body, "enabled"),
      settings: serverSettings(body),
      isOAuth: readServerChange(body).isOAuth,
    };
  },
};

/** The settings of a server, with everything that its type requires. */
export function serverSettings(body: Fields): ServerSettings {
  const { http, mcp } = readServerChange(body);
  const type = body.text("type") ?? (mcp ? "mcp" : "http");
  const isWrong = type !== "http" && type !== "mcp" || (type === "http" ? mcp : http);
  if (isWrong) throw new InvalidField("type");
  return completeSettings(type, type === "http" ? http ?? {} : mcp ?? {});
}

/** `PATCH …/workers/{name}`, which is answered with the {@linkcode ServerResponse}. */
export interface ServerRequest {
  readonly enabled?: boolean | undefined;
  readonly http?: Partial<HttpSettings> | undefined;
  readonly mcp?: Partial<McpSettings> | undefined;
  /** As in a {@linkcode NewServerRequest}. */
  readonly isOAuth?: boolean | undefined;
}

export const serverRequest: Body<ServerRequest> = {
  expected: "an object with enabled, which is true or false, or with changes of http or mcp",
  read(body) {
    const change = readServerChange(body);
    const { enabled, http, mcp } = change;
    if (enabled === undefined && !http && !mcp) throw new InvalidField("enabled");
    return change;
  },
};

function readServerChange(body: Fields): ServerRequest {
  return {
    enabled: body.mapping.enabled === undefined ? undefined : requiredFlag(body, "enabled"),
    http: changeIn(body, "http", ["uri", "timeout", "retry", "secret"]),
    mcp: changeIn(body, "mcp", ["uri", "timeout", "retry", "headers", "secrets"]),
    isOAuth: body.fields("mcp")?.fields("oauth2") !== undefined,
  };
}

const READERS = {
  uri: (part: Fields) => textBy(part, "uri", WEB_ADDRESS),
  timeout: (part: Fields) => numberBy(part, "timeout", { least: 1, most: 3600 }),
  retry: (part: Fields) => numberBy(part, "retry", { least: 0, most: 10 }),
  secret: (part: Fields) => textBy(part, "secret", SECRET),
  headers: (part: Fields) => textsBy(part, "headers", /^[!#$%&'*+.^_`|~\w-]{1,200}$/),
  secrets: (part: Fields) => textsBy(part, "secrets", /^[\w.-]{1,256}$/),
};

type Setting = keyof typeof READERS;

/** The settings that a part of the body has, and no others. */
function changeIn<K extends Setting>(
  body: Fields,
  key: string,
  names: readonly K[],
): { readonly [Name in K]?: ReturnType<typeof READERS[Name]> } | undefined {
  const part = body.fields(key);
  if (part === undefined) return undefined;
  const given: { [Name in K]?: ReturnType<typeof READERS[Name]> } = {};
  for (const name of names) {
    if ((part.mapping[name] ?? undefined) !== undefined) {
      Object.assign(given, { [name]: READERS[name](part) });
    }
  }
  return given;
}

/** Throws an {@linkcode InvalidField} where a required setting is missing. */
export function completeSettings(
  type: "http" | "mcp",
  given: Partial<HttpSettings> & Partial<McpSettings>,
): ServerSettings {
  const missing = (name: string): never => {
    throw new InvalidField(`${type}.${name}`);
  };
  const {
    uri = missing("uri"),
    timeout = missing("timeout"),
    retry = missing("retry"),
    headers = {},
    secrets = {},
  } = given;
  if (type === "mcp") return { type, mcp: { uri, timeout, retry, headers, secrets } };
  return { type, http: { uri, timeout, retry, secret: given.secret ?? missing("secret") } };
}

function numberBy(
  fields: Fields,
  key: string,
  { least, most }: { readonly least: number; readonly most: number },
): number {
  const number = fields.requiredInteger(key);
  if (number < least || number > most) throw new InvalidField(fields.pathOf(key));
  return number;
}

/** Texts by names that follow a rule. */
function textsBy(fields: Fields, key: string, name: RegExp): Texts {
  const part = fields.requiredFields(key);
  const names = Object.keys(part.mapping);
  if (names.length > 100) throw new InvalidField(fields.pathOf(key));
  return Object.fromEntries(names.map((one) => {
    if (!name.test(one)) throw new InvalidField(fields.pathOf(key));
    return [one, textBy(part, one, HEADER_VALUE)];
  }));
}
