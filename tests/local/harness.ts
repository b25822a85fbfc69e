/**
 * Starts a separate local Arcade for each test, with a free port, temporary data, and a clock that the test
 * controls.
 */

import { Fields, isMapping } from "../../src/contract/fields.ts";
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import {
  type LocalArcade,
  type LocalArcadeOptions,
  startLocalArcade,
} from "../../src/local/mod.ts";

export const REDIRECT_URI = "http://127.0.0.1:9905/callback";
export const CODE_VERIFIER = "correct-horse-battery-staple-correct-horse-battery";
export const SCOPE = "openid offline_access";

export interface Fixture extends AsyncDisposable {
  arcade: LocalArcade;
  url: string;
  dataDir: string;
  /** The server's log of requests. */
  log: string[];
  /** Advances the server's clock. */
  pass(seconds: number): void;
  /** Stops the server and starts it again on the same data. */
  restart(): Promise<void>;
}

export async function start(options: Partial<LocalArcadeOptions> = {}): Promise<Fixture> {
  let time = Date.UTC(2026, 10, 20, 14, 0, 0);
  const parent = await Deno.makeTempDir();
  const dataDir = `${parent}/local`;
  const log: string[] = [];
  const open = () =>
    startLocalArcade({
      dataDir,
      port: 0,
      now: () => new Date(time),
      onRequest: ({ method, path, status }) => log.push(`${method} ${path} ${status}`),
      ...options,
    });
  const arcade = await open();
  await call(arcade.address);
  log.length = 0;
  const fixture: Fixture = {
    arcade,
    url: arcade.url,
    dataDir,
    log,
    pass(seconds) {
      time += seconds * 1000;
    },
    async restart() {
      await fixture.arcade.stop();
      fixture.arcade = await open();
      fixture.url = fixture.arcade.url;
      await call(fixture.arcade.address);
    },
    async [Symbol.asyncDispose]() {
      await fixture.arcade.stop();
      await Deno.remove(parent, { recursive: true });
    },
  };
  return fixture;
}

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** The value at a path in the JSON body: `answer.at("data", "items", 0, "name")`. */
  at(...path: (string | number)[]): unknown;
  /** Like `at`, for a string. */
  textAt(...path: (string | number)[]): string;
}

/** The cookies of the test's browser, by host. */
const cookies = new Map<string, string>();

/** Sends a request as an admitted browser, or as a stranger without cookies. */
export async function call(
  url: string,
  options: {
    method?: string;
    token?: string;
    json?: unknown;
    form?: Record<string, string>;
    headers?: HeadersInit;
    stranger?: boolean;
  } = {},
): Promise<Answer> {
  const { host } = new URL(url);
  const headers = new Headers(options.headers);
  if (options.token !== undefined) headers.set("authorization", `Bearer ${options.token}`);
  const cookie = cookies.get(host);
  if (cookie !== undefined && !options.stranger) headers.set("cookie", cookie);
  const body = options.form !== undefined
    ? new URLSearchParams(options.form)
    : options.json !== undefined
    ? JSON.stringify(options.json)
    : null;
  const method = options.method ?? (options.form === undefined ? "GET" : "POST");
  const response = await fetch(url, { method, headers, body, redirect: "manual" });
  const [given] = response.headers.getSetCookie();
  if (given !== undefined && !options.stranger) cookies.set(host, given.split(";", 1)[0] ?? "");
  return answerOf(response);
}

export function post(
  url: string,
  form: Record<string, string>,
  headers: HeadersInit = {},
): Promise<Answer> {
  return call(url, { form, headers });
}

export async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  const at = (...path: (string | number)[]): unknown => {
    let value: unknown = JSON.parse(text);
    for (const name of path) value = Object.getOwnPropertyDescriptor(value, name)?.value;
    return value;
  };
  const textAt = (...path: (string | number)[]) => {
    const value = at(...path);
    assert(typeof value === "string", `no text at ${path.join(".")} in ${text}`);
    return value;
  };
  return { status: response.status, headers: response.headers, text, at, textAt };
}

/** The JSON of an answer, read as the clients do. */
export function fieldsOf(answer: Answer): Fields {
  const content = answer.at();
  if (!isMapping(content)) throw new Error("The answer is not a JSON object");
  return new Fields(content);
}

export function challengeOf(verifier: string): string {
  return createHash("sha256").update(verifier).digest("base64url");
}

export function authorizeUrl(
  url: string,
  overrides: Record<string, string | undefined> = {},
): string {
  const parameters: Record<string, string | undefined> = {
    client_id: "arcade-cli",
    response_type: "code",
    redirect_uri: REDIRECT_URI,
    scope: SCOPE,
    state: "the-state",
    code_challenge: challengeOf(CODE_VERIFIER),
    code_challenge_method: "S256",
    ...overrides,
  };
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) search.set(name, value);
  }
  return `${url}/oauth2/authorize?${search}`;
}

/** The value of a hidden field of a page. */
export function hidden(page: string, name: string): string {
  const value = new RegExp(`name="${name}" value="([^"]*)"`).exec(page)?.[1];
  assert(value !== undefined, `no field ${name} in ${page}`);
  return value;
}

export function query(answer: Answer): URLSearchParams {
  const location = answer.headers.get("location");
  assert(location !== null, `no redirect: ${answer.status} ${answer.text}`);
  return new URL(location).searchParams;
}

/** Signs in through the sign-in page; returns the authorization code. */
export async function codeFor(
  url: string,
  options: { email?: string; overrides?: Record<string, string> } = {},
): Promise<string> {
  const page = await call(authorizeUrl(url, options.overrides));
  const decided = await post(`${url}/oauth2/authorize/decision`, {
    authorization: hidden(page.text, "authorization"),
    account: "new",
    email: options.email ?? "ada@example.com",
    decision: "approve",
  });
  const code = query(decided).get("code");
  assert(code !== null, `no code: ${decided.status} ${decided.text}`);
  return code;
}

export function exchange(
  url: string,
  code: string,
  overrides: Record<string, string> = {},
): Promise<Answer> {
  return post(`${url}/oauth2/token`, {
    grant_type: "authorization_code",
    client_id: "arcade-cli",
    code,
    redirect_uri: REDIRECT_URI,
    code_verifier: CODE_VERIFIER,
    ...overrides,
  });
}

export function refresh(url: string, refreshToken: string): Promise<Answer> {
  return post(`${url}/oauth2/token`, {
    grant_type: "refresh_token",
    client_id: "arcade-cli",
    refresh_token: refreshToken,
  });
}

export interface Session {
  access: string;
  refresh: string;
  account: string;
  org: string;
  project: string;
}

/** Signs in and looks up the account. */
export async function signIn(url: string, email?: string): Promise<Session> {
  const code = await codeFor(url, email === undefined ? {} : { email });
  const tokens = await exchange(url, code);
  const access = tokens.textAt("access_token");
  const who = await whoAmI(url, access);
  return {
    access,
    refresh: tokens.textAt("refresh_token"),
    account: who.textAt("data", "account_id"),
    org: who.textAt("data", "organizations", 0, "organization_id"),
    project: who.textAt("data", "projects", 0, "project_id"),
  };
}

export function whoAmI(url: string, access: string): Promise<Answer> {
  return call(`${url}/api/v1/auth/whoami`, { token: access });
}

export async function apiKeyOf(url: string, session: Session): Promise<string> {
  const path = `/api/v1/orgs/${session.org}/projects/${session.project}/api_keys`;
  const answer = await call(url + path, { method: "POST", token: session.access });
  assert.equal(answer.status, 201);
  return answer.textAt("data", "api_key");
}

export function secretsUrl(url: string, { org, project }: Session): string {
  return `${url}/v1/orgs/${org}/projects/${project}/secrets`;
}

/** The number of rows in each table. */
export function rowCounts(fixture: Fixture): Record<string, number> {
  const database = new DatabaseSync(`${fixture.dataDir}/arcade.db`, { readOnly: true });
  const count = (sql: string) => Number(database.prepare(sql).get()?.count);
  const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
  const names = tables.map(({ name }) => String(name));
  const counts = names.map((name) => [name, count(`SELECT count(*) AS count FROM ${name}`)]);
  database.close();
  return Object.fromEntries(counts);
}

/**
 * Sends a raw request, because fetch does not let a caller choose Host. Returns the status code.
 */
export async function rawRequest(port: number, head: string[]): Promise<number> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const request = [...head, "Connection: close", "", ""].join("\r\n");
  await connection.write(new TextEncoder().encode(request));
  const answer = await new Response(connection.readable).text();
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);
}
