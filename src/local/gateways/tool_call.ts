/** Calls of tools by the clients of a gateway. They go through the same steps as over REST. */

import {
  type InputRequiredResult,
  ProtocolError,
  ProtocolErrorCode,
} from "@modelcontextprotocol/server";
import { isMapping, type Mapping } from "../../contract/fields.ts";
import type { ToolCallResponse } from "../../contract/tools.ts";
import { CallRefusal, type Reason } from "../calls/refusal.ts";
import type { Gateway } from "../model/gateways.ts";
import type { Authorization } from "../model/authorizations.ts";
import type { Services } from "../services.ts";
import { offering } from "./tools.ts";

/** A client of a gateway that has authenticated. */
export interface GatewayClient {
  readonly gateway: Gateway;
  /** The user that its calls are for. */
  readonly userId: string;
  /** The address of the page where the user decides about a flow. */
  readonly grantAddress: (flowId: string) => string;
}

/** A result of MCP. Only a type alias is one of the library too. */
type ToolResult = {
  readonly content: { readonly type: "text"; readonly text: string }[];
  readonly structuredContent?: Mapping;
  readonly isError?: boolean;
};

/** Asks the client to send its user to an address: returns the result that says so, or throws it. */
export type Elicit = (
  request: { readonly id: string; readonly message: string; readonly url: string },
) => InputRequiredResult;

/** The request of a client. */
interface ClientCall {
  /** `Math_Add`, for example. */
  readonly name: string;
  readonly input: Mapping;
  /** The user's response to the last {@linkcode Elicit}. */
  readonly decision: "accept" | "decline" | "cancel" | undefined;
  /** Undefined if the client cannot send its user anywhere. */
  readonly elicit: Elicit | undefined;
  /** Aborted when the client disconnects. */
  readonly signal: AbortSignal;
}

/** How long a call waits for a user on the page of a grant. */
const GRANT_WAIT_MS = 50_000;

/** Calls a tool for a client. Throws a {@linkcode ProtocolError} for an unknown one, and what {@linkcode Elicit} throws. */
export async function callTool(
  services: Services,
  client: GatewayClient,
  call: ClientCall,
): Promise<ToolResult | InputRequiredResult> {
  const first = await tryTool(services, client, call);
  if (!("kind" in first)) return first;
  if (first.kind !== "no-grant") return refused(first, call);
  const { tool: { qualified_name }, requirement } = first;
  const { grants } = services;
  const { projectId } = client.gateway;
  const provider = grants.providerOf(projectId, requirement);
  if (grants.providers.isInactive(projectId, provider)) {
    return failed(`${qualified_name} needs the provider ${provider}, which is inactive`);
  }
  const place = { projectId, userId: client.userId, nextUri: undefined };
  const authorization = await grants.authorize(place, requirement);
  const message = `${qualified_name} needs your authorization at ${provider}`;
  const url = client.grantAddress(authorization.flowId);
  if (authorization.status === "pending" && call.elicit !== undefined) {
    if (call.decision === undefined) return call.elicit({ id: authorization.id, message, url });
    if (call.decision !== "accept") return failed(`${message}. You declined to open it`);
    await decided(services, authorization, call.signal);
    const isOpen = services.gateways.find(client.gateway.id)?.status === "active";
    if (!isOpen) return failed("The gateway was closed in the meantime");
  }
  const { status } = grants.authorizations.find(projectId, authorization.id) ?? authorization;
  if (status === "failed") return failed(`${message}. It was denied`);
  if (status !== "completed") return withAddress(message, url);
  const second = await tryTool(services, client, call);
  return "kind" in second ? refused(second, call) : second;
}

/** Calls a tool: the result, or the reason why it was not called. */
async function tryTool(
  { calls }: Services,
  { gateway, userId }: GatewayClient,
  { name, input }: ClientCall,
): Promise<ToolResult | Reason> {
  const { projectId } = gateway;
  const isOffered = offering(gateway);
  try {
    return resultOf(await calls.call({ projectId, userId, tool: name, input, isOffered }));
  } catch (error) {
    if (error instanceof CallRefusal) return error.reason;
    throw error;
  }
}

/** Waits until the user has responded. */
async function decided(
  { waiters, stopping }: Services,
  { id }: Authorization,
  signal: AbortSignal,
): Promise<void> {
  if (waiters.isFull) return;
  await waiters.wait(id, { milliseconds: GRANT_WAIT_MS, signals: [signal, stopping] });
}

/** The result for a call that did not reach its server. */
function refused(reason: Reason, { name }: ClientCall): ToolResult {
  switch (reason.kind) {
    case "no-tool":
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, "tool not found", {
        name: name.slice(0, 300),
      });
    case "no-secret":
      return failed(
        `secret not found: ${reason.key}. Store it with: arcade secret set ${reason.key}`,
      );
    case "no-user":
    case "no-grant":
      return failed(`${reason.tool.qualified_name} is not authorized for this user`);
  }
}

/** What a tool returned. */
function resultOf({ output }: ToolCallResponse): ToolResult {
  const { error, authorization, value } = output ?? {};
  if (isMapping(error)) {
    const { message, additional_prompt_content: advice } = error;
    return failed(...[message, advice].filter((text) => typeof text === "string" && text !== ""));
  }
  if (isMapping(authorization)) {
    return withAddress("The tool needs your authorization", String(authorization.url ?? ""));
  }
  const text = typeof value === "string" ? value : JSON.stringify(value ?? null);
  return {
    content: [{ type: "text", text }],
    structuredContent: isMapping(value) ? value : { result: value ?? null },
  };
}

function failed(...texts: readonly unknown[]): ToolResult {
  return { content: texts.map((text) => ({ type: "text", text: String(text) })), isError: true };
}

/** Tells a model which page its user must open. */
function withAddress(message: string, authorization_url: string): ToolResult {
  const told = {
    message,
    llm_instructions:
      "Show the user this address, and call the tool again after they have allowed " +
      `the access: ${authorization_url}`,
    authorization_url,
  };
  return { content: [{ type: "text", text: JSON.stringify(told) }], structuredContent: told };
}
