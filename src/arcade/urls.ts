/**
 * Where the two services are (design, the services): a flag wins over the environment, the environment over the
 * address stored at login, that over the default.
 */

import { Failure } from "../failure.ts";
import { DEFAULT_COORDINATOR, DEFAULT_COORDINATOR_HOST } from "../store/credentials.ts";

/** What `--host`, `--port`, `--tls` and `--no-tls` said. */
export interface AddressFlags {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly tls?: boolean | undefined;
}

interface Service {
  readonly name: string;
  readonly variable: "ARCADE_COORDINATOR_URL" | "ARCADE_ENGINE_URL";
  readonly defaultHost: string;
  /** Hosts that are spoken to without TLS and on `localPort` unless the flags say otherwise. */
  readonly localHosts: readonly string[];
  readonly localPort: number;
}

const COORDINATOR: Service = {
  name: "coordinator",
  variable: "ARCADE_COORDINATOR_URL",
  defaultHost: DEFAULT_COORDINATOR_HOST,
  localHosts: ["localhost"],
  localPort: 8000,
};

const ENGINE: Service = {
  name: "engine",
  variable: "ARCADE_ENGINE_URL",
  defaultHost: "api.arcade.dev",
  localHosts: ["localhost", "127.0.0.1", "0.0.0.0"],
  localPort: 9099,
};

export interface ServiceEnvironment {
  readonly ARCADE_COORDINATOR_URL?: string | undefined;
  readonly ARCADE_ENGINE_URL?: string | undefined;
}

/**
 * The coordinator's address, without a final slash.
 *
 * @throws {Failure} of kind `usage` when an address cannot be understood.
 */
export function coordinatorUrl(
  flags: AddressFlags,
  environment: ServiceEnvironment,
  stored?: string,
): string {
  return resolve(COORDINATOR, flags, environment, stored);
}

/** The engine's address, without a final slash. Throws as {@link coordinatorUrl} does. */
export function engineUrl(
  flags: AddressFlags,
  environment: ServiceEnvironment,
  stored?: string,
): string {
  return resolve(ENGINE, flags, environment, stored);
}

/**
 * The engine that the token of a login may be sent to: what the user names, or the one that goes with the login.
 *
 * @throws {Failure} of kind `usage` when the login is at an Arcade of one's own whose engine is not known, too.
 */
export function engineOfLogin(
  flags: AddressFlags,
  environment: ServiceEnvironment,
  login: { readonly coordinatorUrl: string | undefined; readonly engineUrl: string | undefined },
): string {
  const isNamed = flags.host !== undefined || environment.ARCADE_ENGINE_URL || login.engineUrl;
  if (!isNamed && coordinatorUrl({}, {}, login.coordinatorUrl) !== DEFAULT_COORDINATOR) {
    throw new Failure("usage", `It is not known where the engine of ${login.coordinatorUrl} is`, {
      next: "Set ARCADE_ENGINE_URL, or name it with --host",
    });
  }
  return engineUrl(flags, environment, login.engineUrl);
}

function resolve(
  service: Service,
  flags: AddressFlags,
  environment: ServiceEnvironment,
  stored: string | undefined,
): string {
  const variable = environment[service.variable];
  const known = variable
    ? parseUrl(variable, service.variable)
    : stored
    ? parseUrl(stored, `The address of the ${service.name} in the credentials`)
    : undefined;
  if (flags.host !== undefined) return fromHost(service, flags.host, flags);
  if (flags.port === undefined && flags.tls === undefined) {
    return known ? withoutFinalSlash(known) : fromHost(service, service.defaultHost, flags);
  }
  if (!known) return fromHost(service, service.defaultHost, flags);
  if (flags.tls !== undefined) known.protocol = flags.tls ? "https:" : "http:";
  if (flags.port !== undefined) known.port = String(flags.port);
  return withoutFinalSlash(known);
}

function parseUrl(written: string, source: string): URL {
  const url = URL.parse(written.trim());
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password) {
    throw new Failure("usage", `${source} is not an http or https address`, {
      next: "Write it like https://cloud.arcade.dev",
    });
  }
  url.search = "";
  url.hash = "";
  return url;
}

function fromHost(service: Service, written: string, flags: AddressFlags): string {
  const host = written.trim();
  const unusable = new Failure("usage", `--host of the ${service.name} is not a host name`, {
    next: "Give a name or an address, with or without a port: --host localhost:8000",
  });
  if (host === "" || /[/\\?#@\s%]/.test(host)) throw unusable;
  // An IPv6 address may be written bare, which a URL does not allow.
  const bareIpv6 = !host.startsWith("[") && host.split(":").length > 2;
  const url = URL.parse(`http://${bareIpv6 ? `[${host}]` : host}`);
  if (!url || url.hostname === "") throw unusable;
  const local = service.localHosts.includes(url.hostname);
  const tls = flags.tls ?? !local;
  // `URL` drops a port that is the default of its scheme, so an explicit one is read from the text.
  const ownPort = bareIpv6 ? undefined : /:(\d+)$/.exec(host)?.[1];
  const port = flags.port ?? (ownPort === undefined ? undefined : Number(ownPort)) ??
    (local ? service.localPort : undefined);
  const answer = new URL(`${tls ? "https" : "http"}://${url.hostname}`);
  if (port !== undefined) answer.port = String(port);
  return withoutFinalSlash(answer);
}

function withoutFinalSlash(url: URL): string {
  return url.href.replace(/\/+$/, "");
}

/**
 * A name as one segment of a path. `.` and `..` would lead elsewhere, and half a surrogate pair cannot be encoded.
 *
 * @throws {Failure} of kind `usage`.
 */
export function pathSegment(name: string): string {
  if (name === "" || name === "." || name === ".." || !name.isWellFormed()) {
    throw new Failure("usage", "This name cannot stand in an address", { next: "Choose another" });
  }
  return encodeURIComponent(name);
}
