/** The tools of the servers of a project, and calls of them. */

import { Hono } from "hono";
import * as v from "valibot";
import { pageOf, type ProjectOf, type Services } from "../http.ts";
import { ApiError } from "../api_error.ts";
import { jsonBody } from "../body.ts";
import { randomOpaque } from "../model/opaque.ts";
import type { Secrets } from "../model/secrets.ts";
import type { Instance } from "../servers/instance.ts";
import { isCalled, secretKeysOf, type Tool } from "../servers/tool.ts";
import { type Worker, WorkerError } from "../servers/worker.ts";

/** How long a tool may take. */
const CALL_MS = 300_000;

const Call = v.object({
  tool_name: v.pipe(v.string(), v.nonEmpty()),
  input: v.nullish(v.record(v.string(), v.unknown())),
  user_id: v.nullish(v.string()),
  tool_version: v.nullish(v.string()),
});
const CALL_HINT = "The body must be an object with tool_name, and optionally input (an object), " +
  "user_id and tool_version";

/** What an error of a tool call says, in the engine's terms. */
interface OutputError {
  readonly kind: "TOOL_REQUIREMENTS_NOT_MET";
  readonly message: string;
  readonly can_retry: false;
}

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
    const { tool_name, tool_version, input, user_id } = await jsonBody(c, Call, CALL_HINT);
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
    return c.json({
      id: randomOpaque("te_", 16),
      execution_id,
      execution_type: "immediate",
      status: success ? "completed" : "failed",
      success,
      output,
      duration,
      finished_at,
    });
  });

  return app;
}

function findTool(
  instances: readonly Instance[],
  name: string,
  version: string | null | undefined,
): { tool: Tool; worker: Worker } | undefined {
  for (const { tools, worker } of instances) {
    const tool = tools.find((one) =>
      isCalled(one, name) && (!version || one.toolkit.version === version)
    );
    if (tool !== undefined) return { tool, worker };
  }
}

/** The secrets that a tool gets with a call, or why it cannot be called. */
async function contextOf(
  tool: Tool,
  projectId: string,
  secrets: Secrets,
): Promise<{ secrets: { key: string; value: string }[] } | { error: OutputError }> {
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

function notMet(message: string): { error: OutputError } {
  return { error: { kind: "TOOL_REQUIREMENTS_NOT_MET", message, can_retry: false } };
}

function badGateway(error: unknown): never {
  throw error instanceof WorkerError ? new ApiError(502, error.message) : error;
}
