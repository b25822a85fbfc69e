/** The engine: deployments of servers (docs/contracts.md, Engine). */

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
/** How a body begins, up to the archive in it. */
const HEAD = '{"toolkits":{"bundles":[{"bytes":"';

/** Deploys servers to one project. */
export class DeploymentsClient {
  readonly #client: AuthorizedClient;
  readonly #url: string;
  readonly #answerMs: number;

  /**
   * @param projectUrl as `projectUrl` of urls.ts makes it.
   * @param limits.answerMs how long sending a release may take.
   */
  constructor(
    client: AuthorizedClient,
    projectUrl: string,
    { answerMs }: { readonly answerMs: number },
  ) {
    this.#client = client;
    this.#url = `${projectUrl}/deployments`;
    this.#answerMs = answerMs;
  }

  /** Deploys a server for the first time. */
  async create(
    bundle: Bundle,
    { provider }: { readonly provider?: string | undefined },
  ): Promise<void> {
    const fields = { name: bundle.name, description: DESCRIPTION, ...(provider && { provider }) };
    await this.#send("POST", this.#url, { bundle, fields });
  }

  /** Replaces the release of a server. */
  async update(bundle: Bundle): Promise<void> {
    const fields = { description: DESCRIPTION };
    await this.#send("PUT", this.#urlOf(bundle.name), { bundle, fields });
  }

  /** The status of a deployment: `pending`, `updating`, `running`, `failed`, `degraded`, `unknown`, or one of newer engines. */
  async status(name: string): Promise<string> {
    const request = { method: "GET", url: `${this.#urlOf(name)}/status` } as const;
    return await callJson(this.#client, request, (answer) => answer.text("status") || "unknown");
  }

  async #send(
    method: HttpRequest["method"],
    url: string,
    { bundle, fields }: { readonly bundle: Bundle; readonly fields: Record<string, string> },
  ): Promise<void> {
    const { name, version, entrypoint, archive } = bundle;
    const toolkits = {
      bundles: [{ bytes: "", name, version, type: "mcp", entrypoint }],
      packages: [],
    };
    const text = JSON.stringify({ toolkits, ...fields });
    const encoder = new TextEncoder();
    const pieces = async function* () {
      yield encoder.encode(HEAD);
      yield* base64Of(archive());
      yield encoder.encode(text.slice(HEAD.length));
    };
    const jsonStream = (signal: AbortSignal) => spool(pieces(), signal);
    await this.#client.request({ method, url, jsonStream, answerMs: this.#answerMs });
  }

  #urlOf(name: string): string {
    return `${this.#url}/${pathSegment(name)}`;
  }
}
