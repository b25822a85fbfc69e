/** The engine: deployments of servers (docs/contracts.md, Engine). */

import { type Fields, InvalidField } from "./fields.ts";
import { type Body, lineOf, textBy } from "./request.ts";
import { SERVER } from "./servers.ts";

/** The archive of a release, and what it contains. */
export interface BundleRequest {
  /** The archive (tar.gz) as base64. */
  readonly bytes: string;
  readonly name?: string;
  readonly version: string;
  readonly type?: "mcp";
  /** The path of the program in the archive. */
  readonly entrypoint: string;
}

/** `PUT …/deployments/{name}`. */
export interface DeploymentUpdateRequest {
  readonly toolkits: {
    /** Exactly one. */
    readonly bundles: readonly [BundleRequest];
    /** Packages of a registry: none. */
    readonly packages: readonly [];
  };
  readonly description?: string;
}

/** `POST …/deployments`. */
export interface DeploymentRequest extends DeploymentUpdateRequest {
  readonly name: string;
  readonly provider?: string;
}

const UPDATE = "toolkits with no packages and exactly one bundle, which has a version, an " +
  "entrypoint and bytes, an archive (tar.gz) as base64";

export const deploymentUpdateRequest: Body<DeploymentUpdateRequest> = {
  expected: `an object with ${UPDATE}`,
  read: readUpdate,
};

export const deploymentRequest: Body<DeploymentRequest> = {
  expected: "an object with a name of at most 100 letters, digits, underscores, dots and dashes, " +
    `and ${UPDATE}`,
  read: (body) => ({
    name: textBy(body, "name", SERVER),
    ...readUpdate(body),
  }),
};

function readUpdate(body: Fields): DeploymentUpdateRequest {
  const toolkits = body.requiredFields("toolkits");
  const [bundle, another] = toolkits.requiredList("bundles");
  if (!bundle || another) throw new InvalidField(toolkits.pathOf("bundles"));
  const { packages = [] } = toolkits.mapping;
  if (!Array.isArray(packages) || packages.length > 0) {
    throw new InvalidField(toolkits.pathOf("packages"));
  }
  return { toolkits: { bundles: [readBundle(bundle)], packages: [] } };
}

function readBundle(bundle: Fields): BundleRequest {
  const text = lineOf(200);
  return {
    bytes: bundle.requiredText("bytes"),
    version: textBy(bundle, "version", text),
    entrypoint: textBy(bundle, "entrypoint", text),
  };
}

/** The states of a deployment. A disabled server is `unknown`. */
export type DeploymentStatus =
  | "pending"
  | "updating"
  | "unknown"
  | "running"
  | "failed"
  | "degraded";

/** `GET …/deployments/{name}/status`. */
export interface DeploymentStatusResponse {
  readonly status: DeploymentStatus;
}

/** `POST …/deployments` and `PUT …/deployments/{name}`. */
export interface DeploymentResponse extends DeploymentStatusResponse {
  readonly name: string;
}

/** A {@linkcode DeploymentStatus}, or one of newer engines. */
export function readDeploymentStatus(answer: Fields): string {
  return answer.text("status") || "unknown";
}
