/** The engine: deployments of servers (docs/contracts.md, Engine). */

import {
  type DeploymentRequest,
  type DeploymentUpdateRequest,
  readDeploymentStatus,
} from "../contract/deployments.ts";
import { base64Of } from "../text/base64.ts";
import { type AuthorizedClient, callJson } from "./authorized_client.ts";
import type { HttpRequest } from "./http_message.ts";
import { spool } from "../system/spool.ts";
import { pathSegment } from "../hosts/urls.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** A release of a server. */
export interface Bundle {
  readonly name: string;
  readonly version: string;
  /** The path of the program in the project. */
  readonly entrypoint: string;
  /** Makes the archive (tar.gz); called for each attempt to send it. */
  readonly archive: () => AsyncIterable<Bytes>;
}

const DESCRIPTION = "MCP Server deployed via CLI";
/** The part of a body before the archive. */
const BEFORE_BYTES = '"bytes":"';

/** Deploys servers to one project. */
export class DeploymentsClient {
  readonly #client: AuthorizedClient;
  readonly #url: string;
  readonly #answerMs: number;

  /**
   * @param url the address of the deployments.
   * @param limits.answerMs how long sending a release may take.
   */
  constructor(
    client: AuthorizedClient,
    url: string,
    { answerMs }: { readonly answerMs: number },
  ) {
    this.#client = client;
    this.#url = url;
    this.#answerMs = answerMs;
  }

  /** Deploys a server for the first time. */
  async create(
    bundle: Bundle,
    { provider }: { readonly provider?: string | undefined },
  ): Promise<void> {
    await this.#send({ method: "POST", url: this.#url }, bundle, {
      ...updateWith(bundle),
      name: bundle.name,
      ...(provider && { provider }),
    });
  }

  /** Replaces the release of a server. */
  async update(bundle: Bundle): Promise<void> {
    const request = { method: "PUT", url: this.#urlOf(bundle.name) } as const;
    await this.#send(request, bundle, updateWith(bundle));
  }

  /** The status of a deployment: `pending`, `updating`, `running`, `failed`, `degraded`, `unknown`, or one of newer engines. */
  async status(name: string): Promise<string> {
    const request = { method: "GET", url: `${this.#urlOf(name)}/status` } as const;
    return await callJson(this.#client, request, readDeploymentStatus);
  }

  /** Sends a body with the archive in it. */
  async #send(
    request: Pick<HttpRequest, "method" | "url">,
    { archive }: Bundle,
    body: DeploymentRequest | DeploymentUpdateRequest,
  ): Promise<void> {
    const text = JSON.stringify(body);
    const at = text.indexOf(BEFORE_BYTES) + BEFORE_BYTES.length;
    const encoder = new TextEncoder();
    const pieces = async function* () {
      yield encoder.encode(text.slice(0, at));
      yield* base64Of(archive());
      yield encoder.encode(text.slice(at));
    };
    const jsonStream = (signal: AbortSignal) => spool(pieces(), signal);
    await this.#client.request({ ...request, jsonStream, answerMs: this.#answerMs });
  }

  #urlOf(name: string): string {
    return `${this.#url}/${pathSegment(name)}`;
  }
}

/** The body of an update, without the archive. */
function updateWith({ name, version, entrypoint }: Bundle): DeploymentUpdateRequest {
  const bundle = { bytes: "", name, version, type: "mcp", entrypoint } as const;
  return { toolkits: { bundles: [bundle], packages: [] }, description: DESCRIPTION };
}
