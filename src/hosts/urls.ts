/**
 * Where the two services are (docs/contracts.md, Services): a flag overrides the environment, the environment overrides the
 * address stored at login, and that address overrides the default.
 */

import {
  CLOUD_COORDINATOR_HOST,
  CLOUD_ENGINE_HOST,
  type InstallationKind,
  isCloudAddress,
} from "./cloud.ts";
import { Failure } from "../failure.ts";
import { isLoopback } from "./address.ts";

/** The values of `--host`, `--port`, `--tls` and `--no-tls`. */
export interface AddressFlags {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly tls?: boolean | undefined;
}

interface Service {
  readonly name: string;
  readonly variable: "ARCADE_COORDINATOR_URL" | "ARCADE_ENGINE_URL";
  readonly defaultHost: string;
  /** Hosts that use plain http and `localPort` unless the flags say otherwise. */
  readonly localHosts: readonly string[];
  readonly localPort: number;
}

const COORDINATOR: Service = {
  name: "coordinator",
  variable: "ARCADE_COORDINATOR_URL",
  defaultHost: CLOUD_COORDINATOR_HOST,
  localHosts: ["localhost"],
  localPort: 8000,
};

const ENGINE: Service = {
  name: "engine",
  variable: "ARCADE_ENGINE_URL",
  defaultHost: CLOUD_ENGINE_HOST,
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
 * @throws {Failure} of kind `usage` when an address is invalid.
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

/** The only services that receive the tokens of a login. */
export interface LoginAddresses {
  readonly contextName: string;
  /** The tokens of a self-hosted installation never go to Arcade Cloud. */
  readonly installation: InstallationKind;
  /** The issuer of the tokens; undefined for Arcade Cloud. */
  readonly coordinatorUrl: string | undefined;
  /** Undefined for the default engine of the coordinator. */
  readonly engineUrl: string | undefined;
}

/** Whether the flags name an address. */
export function hasAddress({ host, port, tls }: AddressFlags): boolean {
  return host !== undefined || port !== undefined || tls !== undefined;
}

/** The coordinator that issued a login, without a final slash. */
export function issuerOf(login: Pick<LoginAddresses, "coordinatorUrl">): string {
  return coordinatorUrl({}, {}, login.coordinatorUrl);
}

/**
 * Returns the address, unless it is Arcade Cloud and the login is for a self-hosted installation.
 *
 * @throws {Failure} of kind `login`.
 */
export function requireInstallation(
  { contextName, installation }: Pick<LoginAddresses, "contextName" | "installation">,
  address: string,
): string {
  if (installation === "cloud" || !isCloudAddress(address)) return address;
  throw new Failure(
    "login",
    `The context "${contextName}" is a self-hosted Arcade, and ${address} is Arcade Cloud`,
    {
      next: "Switch with `arcade context set`, name another context with `--context`, " +
        "or log in to the cloud with `arcade login`",
    },
  );
}

function resolve(
  service: Service,
  flags: AddressFlags,
  environment: ServiceEnvironment,
  stored: string | undefined,
): string {
  // An overridden address is not read, so it cannot break the command.
  if (flags.host !== undefined) return fromHost(service, flags.host, flags);
  const variable = environment[service.variable];
  const known = variable
    ? parseUrl(variable, service.variable)
    : stored
    ? parseUrl(stored, `The address of the ${service.name} in the credentials`)
    : undefined;
  if (!known) return fromHost(service, service.defaultHost, flags);
  if (flags.tls !== undefined) known.protocol = flags.tls ? "https:" : "http:";
  if (flags.port !== undefined) known.port = String(flags.port);
  return withoutFinalSlash(known);
}

/** An address as messages show it, without its user, query and fragment, which can be tokens. */
export function shownAddress(address: string): string {
  const url = URL.parse(address);
  if (url === null) return "an address";
  if (!(url.username || url.password || url.search || url.hash)) return address;
  return `${url.origin}${url.pathname}${url.search === "" ? "" : "?…"}`;
}

function parseUrl(written: string, source: string): URL {
  const address = written.trim();
  const url = URL.parse(address);
  const why = whyUnusable(address);
  if (!url || why !== undefined || url.username || url.password) {
    throw new Failure("usage", `${source} ${why ?? "is not an http or https address"}`, {
      next: "Write it like https://cloud.arcade.dev",
    });
  }
  if (url.search) url.search = "";
  if (url.hash) url.hash = "";
  return url;
}

function fromHost(service: Service, written: string, flags: AddressFlags): string {
  const host = written.trim();
  const unusable = () =>
    new Failure("usage", `The ${service.name}'s \`--host\` is not a host name`, {
      next: "Give a name or an address, with or without a port: `--host localhost:8000`",
    });
  if (host === "" || /[/\\?#@\s%]/.test(host)) throw unusable();
  // An IPv6 address may be written bare, which a URL does not allow.
  const bareIpv6 = !host.startsWith("[") && host.split(":").length > 2;
  const url = URL.parse(`http://${bareIpv6 ? `[${host}]` : host}`);
  if (!url || url.hostname === "") throw unusable();
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
  return url.href.replace(/(?<!\/)\/+$/, "");
}

/**
 * An address as it was written, without a final slash, a query and a fragment.
 *
 * @param source where it was written, for the error.
 * @throws {Failure} of kind `usage` when it is not an http or https address, or has a user name or a password.
 */
export function serviceAddress(written: string, source: string): string {
  return withoutFinalSlash(parseUrl(written, source));
}

/**
 * The address of an installation. Without a scheme it gets https, or http on this machine. Throws as {@link serviceAddress}
 * does.
 */
export function installationAddress(written: string, source: string): string {
  if (/^[a-z][a-z\d+.-]*:\/\//i.test(written)) return serviceAddress(written, source);
  const isLocal = isLoopback(URL.parse(`http://${written}`)?.hostname ?? "");
  return serviceAddress(`${isLocal ? "http" : "https"}://${written}`, source);
}

/** Addresses from servers are shown in full, and passed to browsers on their command line. */
const MAX_ADDRESS = 2000;

/** Whether a browser may open an address. */
export function isWebAddress(address: string): boolean {
  return whyUnusable(address) === undefined;
}

/**
 * Why a browser may not open an address; undefined if it may. Other schemes (`file:`, `smb:`, `javascript:`) start programs,
 * read files or run code.
 */
export function whyUnusable(address: string): string | undefined {
  if (address.length > MAX_ADDRESS) return `is longer than ${MAX_ADDRESS} characters`;
  const isWeb = /^https?:$/.test(URL.parse(address)?.protocol ?? "");
  return isWeb ? undefined : "is not an http or https address";
}

/**
 * Encodes a name as one path segment. Rejects `.` and `..`, which change the path, and lone surrogates, which cannot be
 * encoded.
 *
 * @throws {Failure} of kind `usage`.
 */
export function pathSegment(name: string): string {
  if (name === "" || name === "." || name === ".." || !name.isWellFormed()) {
    throw new Failure("usage", "This name cannot be part of a URL", {
      next: "Give a name, not a folder",
    });
  }
  return encodeURIComponent(name);
}
