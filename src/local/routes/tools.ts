/** The tools of the servers of a project, and calls of them. */

import { Hono } from "hono";
import {
  toolCallRequest,
  type ToolCallResponse,
  type ToolError,
  type ToolResponse,
} from "../../contract/tools.ts";
import type { WorkerCallRequest } from "../../contract/worker.ts";
import type { ProjectOf } from "../authentication.ts";
import { pageOf } from "../list_page.ts";
import type { Services } from "../services.ts";
import { ApiError } from "../api_error.ts";
import { jsonBody } from "../body.ts";
import { randomOpaque } from "../model/opaque.ts";
import type { Secrets } from "../model/secrets.ts";
import type { Instance } from "../servers/instance.ts";
import { isCalled, secretKeysOf } from "../servers/tool.ts";
import { type Worker, WorkerError } from "../servers/worker.ts";

/** How long a tool may take. */
const CALL_MS = 300_000;

export function toolRoutes({ servers, secrets }: Services, projectOf: ProjectOf): Hono {
  const app = new Hono();

  const instancesOf = (projectId: string) =>
    servers.of(projectId).flatMap(({ instance }) => instance ?? []);

  app.get("/", (c) => {
    const toolkit = c.req.query("toolkit")?.toLowerCase();
    const tools = instancesOf(projectOf(c)).flatMap((instance) => instance.tools)
      .filter((tool) => toolkit === undefined || tool.toolkit.name.toLowerCase() === toolkit)
      .sort((a, b) => a.qualified_name < b.qualified_name ? -1 : 1);
    return c.json(pageOf(c, tools));
  });

  app.post("/execute", async (c) => {
    const projectId = projectOf(c);
    const { tool_name, tool_version, input, user_id } = await jsonBody(c, toolCallRequest);
    const found = findTool(instancesOf(projectId), tool_name, tool_version);
    if (found === undefined) throw new ApiError(404, "No running server has this tool");
    const { tool, worker } = found;
    const execution_id = randomOpaque("tc_", 16);
    const context = await contextOf(tool, projectId, secrets);
    const { success, output, duration, finished_at } = "error" in context
      ? { success: false, output: context }
      : await worker.invoke({
        execution_id,
        tool: { name: tool.name, toolkit: tool.toolkit.name, version: tool.toolkit.version },
        inputs: input ?? {},
        context: { ...context, user_id },
      }, CALL_MS).catch(badGateway);
    const call: ToolCallResponse = {
      id: randomOpaque("te_", 16),
      execution_id,
      execution_type: "immediate",
      status: success ? "completed" : "failed",
      success,
      output,
      duration,
      finished_at,
    };
    return c.json(call);
  });

  return app;
}

function findTool(
  instances: readonly Instance[],
  name: string,
  version: string | undefined,
): { tool: ToolResponse; worker: Worker } | undefined {
  for (const { tools, worker } of instances) {
    const tool = tools.find((one) =>
      isCalled(one, name) && (!version || one.toolkit.version === version)
    );
    if (tool !== undefined) return { tool, worker };
  }
}

/** The secrets that a tool gets with a call, or why it cannot be called. */
async function contextOf(
  tool: ToolResponse,
  projectId: string,
  secrets: Secrets,
): Promise<Pick<WorkerCallRequest["context"], "secrets"> | { error: ToolError }> {
  const { authorization } = tool.requirements;
  if (authorization) {
    const provider = authorization.provider_id ?? "a provider";
    return notMet(
      `The tool needs authorization by ${provider}, and the local Arcade has no providers`,
    );
  }
  const given: { key: string; value: string }[] = [];
  for (const key of secretKeysOf(tool)) {
    const value = await secrets.valueOf(projectId, key);
    if (value === undefined) return notMet(`The tool needs the secret ${key}, which is not set`);
    given.push({ key, value });
  }
  return { secrets: given };
}

function notMet(message: string): { error: ToolError } {
  return { error: { kind: "TOOL_REQUIREMENTS_NOT_MET", message, can_retry: false } };
}

function badGateway(error: unknown): never {
  throw error instanceof WorkerError ? new ApiError(502, error.message) : error;
}
