/** Finds the services of an installation of Arcade (docs/contracts.md, Discovery). */

import { isCloudAddress } from "../hosts/cloud.ts";
import { Failure } from "../failure.ts";
import { type Discovery, readDiscovery } from "../contract/discovery.ts";
import type { Fields } from "../contract/fields.ts";
import { readAnswer } from "./answers.ts";
import { isSuccess, isWebPage, webPageFailure } from "./http_message.ts";
import { serviceAddress } from "../hosts/urls.ts";
import { exchange, type HttpContext, requireProtection, requireSuccess } from "./exchange.ts";

/** The services of an installation. Their addresses have no final slash. */
export interface ServiceAddresses extends Discovery {
  readonly coordinator: string;
}

/**
 * Asks an installation for the addresses of its services.
 *
 * @param base its address, without a final slash.
 * @throws {Failure} of kind `server` when it has no discovery document, or one that cannot be trusted; of other kinds when
 * the request fails.
 */
export async function discover(context: HttpContext, base: string): Promise<ServiceAddresses> {
  requireProtection(base);
  const { coordinator, ...others } = await requestDocument(context, base);
  if (coordinator === undefined) {
    throw new Failure("server", `${base} does not name a coordinator to log in to`, {
      next: "Ask the operator of this installation for its coordinator, then log in with " +
        "`arcade login --host COORDINATOR`",
    });
  }
  const services = { coordinator, ...others };
  requireTrust(base, services);
  return services;
}

async function requestDocument(context: HttpContext, base: string): Promise<Discovery> {
  const request = { method: "GET", url: `${base}/.well-known/arcade` } as const;
  const answer = await exchange(context, request);
  if (answer.status === 404) throw noDocument(base);
  if (isSuccess(answer) && isWebPage(answer)) {
    throw noDocument(base, webPageFailure(request, answer));
  }
  await requireSuccess(request, answer);
  try {
    return readAnswer(request, answer, readAddresses);
  } catch (error) {
    throw error instanceof Failure ? noDocument(base, error) : error;
  }
}

function noDocument(base: string, cause?: Failure): Failure {
  const kind = cause?.kind === "network" ? "network" : "server"; // the user did not provide the bad address
  return new Failure(kind, `${base} has no discovery document`, {
    next: "Check the address. For an older installation, set ARCADE_ENGINE_URL and run " +
      "`arcade login --host COORDINATOR`",
    cause,
  });
}

/** The maximum length of a reason, which is shown. */
const MAX_REASON = 300;

/** The addresses of a document. Throws a {@link Failure} of kind `usage` for one that cannot be used. */
function readAddresses(document: Fields): Discovery {
  const { noDeployments, ...addresses } = readDiscovery(document);
  const address = (name: keyof typeof addresses) =>
    addresses[name] === undefined ? undefined : serviceAddress(addresses[name], name);
  return {
    coordinator: address("coordinator")?.replace(/\/api\/v1$/, ""),
    engine: address("engine"),
    dashboard: address("dashboard"),
    noDeployments: noDeployments?.slice(0, MAX_REASON),
  };
}

/**
 * Rejects a document that would send tokens to a server without TLS, or tokens of Arcade Cloud to an engine elsewhere. The
 * dashboard, where the user logs in, follows the same rules.
 *
 * @throws {Failure} of kind `server`.
 */
export function requireTrust(
  base: string,
  { coordinator, engine, dashboard }: ServiceAddresses,
): void {
  const next = "Do not log in there; check the address with its operator";
  const services = [coordinator, engine, dashboard].filter((one) => one !== undefined);
  if (base.startsWith("https:") && !services.every((one) => one.startsWith("https:"))) {
    throw new Failure("server", `${base} names a service without TLS`, { next });
  }
  if (new Set(services.map(isCloudAddress)).size > 1) {
    throw new Failure("server", `${base} mixes services of Arcade Cloud with others`, { next });
  }
}
