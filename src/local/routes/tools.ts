/** The tools of the servers of a project, and calls of them. */

import { type Context, Hono } from "hono";
import { isMapping, type Mapping, parseJson } from "../../contract/fields.ts";
import { toolCallRequest, type ToolCallResponse, type ToolResponse } from "../../contract/tools.ts";
import { ApiError } from "../api_error.ts";
import { ASSUMED } from "../assumptions.ts";
import { jsonBody } from "../body.ts";
import { metadataFilter, UnusableFilter } from "../calls/filter.ts";
import { FORMATS } from "../calls/formats.ts";
import type { CallerOf } from "../authentication.ts";
import { mapPage, pageOf } from "../list_page.ts";
import { flagIn } from "../query.ts";
import type { Services } from "../services.ts";

export function toolRoutes({ calls, schedule }: Services, callerOf: CallerOf): Hono {
  const app = new Hono();

  app.get("/", async (c) => {
    const caller = forUser(c, callerOf);
    const formats = formatsIn(c);
    const page = pageOf(c, await listedTools(c, calls, caller.projectId));
    return c.json(
      mapPage(
        page,
        (tools) => calls.describe(tools, caller).map((tool) => withFormats(tool, formats)),
      ),
    );
  });

  app.post("/execute", async (c) => {
    const { projectId, userId } = callerOf(c);
    const asked = await jsonBody(c, toolCallRequest);
    const { tool_name, tool_version, input, user_id, run_at, include_error_stacktrace } = asked;
    const call = {
      projectId,
      userId: user_id || userId,
      tool: tool_name,
      version: tool_version,
      input: input ?? {},
      isWithStacktrace: include_error_stacktrace,
    };
    if (!run_at) return c.json(await calls.call(call));
    const scheduled = await schedule.add(call, timeOf(run_at));
    if (scheduled === undefined) {
      throw new ApiError(429, "Too many scheduled calls are waiting in this project");
    }
    return c.json(scheduled satisfies ToolCallResponse);
  });

  app.get("/:name", async (c) => {
    const caller = forUser(c, callerOf);
    const formats = formatsIn(c);
    const { tool } = await calls.find({ ...caller, tool: c.req.param("name") });
    const described = calls.describe([tool], caller);
    return c.json(described.map((one) => withFormats(one, formats))[0]);
  });

  return app;
}

/** A time in UTC, with or without a zone. */
function timeOf(text: string): Date {
  const isTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?$/.test(
    text,
  );
  const time = new Date(isTime && !/(Z|[+-]\d{2}:\d{2})$/.test(text) ? `${text}Z` : text);
  if (isTime && !Number.isNaN(time.getTime())) return time;
  const message = "run_at must be a time in UTC such as 2026-11-21T07:08:33";
  throw new ApiError(422, message, { fieldErrors: [{ field: "run_at", rule: "time", message }] });
}

/** Tools in the formats that models accept. */
export function formattedToolRoutes({ calls }: Services, callerOf: CallerOf): Hono {
  const app = new Hono();

  app.get("/", async (c) => {
    const { projectId } = callerOf(c);
    const format = formatIn(c);
    const page = pageOf(c, await listedTools(c, calls, projectId));
    return c.json({ ...page, items: page.items.map(format) });
  });

  app.get("/:name", async (c) => {
    const { projectId } = callerOf(c);
    const format = formatIn(c);
    return c.json(format((await calls.find({ projectId, tool: c.req.param("name") })).tool));
  });

  return app;
}

/** The caller, and the user in the query. */
function forUser(c: Context, callerOf: CallerOf) {
  const { projectId, userId } = callerOf(c);
  return { projectId, userId: c.req.query("user_id") || userId };
}

/** The tools that a query asks for. */
async function listedTools(
  c: Context,
  calls: Services["calls"],
  projectId: string,
): Promise<ToolResponse[]> {
  const isWanted = filterIn(c);
  const isAllVersions = flagIn(c, "include_all_versions");
  const tools = await calls.list(projectId, { toolkit: c.req.query("toolkit"), isAllVersions });
  return isWanted ? tools.filter(isWanted) : tools;
}

function filterIn(c: Context): ((tool: ToolResponse) => boolean) | undefined {
  const text = c.req.query("filter");
  if (!text) return undefined;
  const filter = parseJson(text);
  try {
    if (isMapping(filter)) return metadataFilter(filter);
  } catch (error) {
    if (!(error instanceof UnusableFilter)) throw error;
  }
  throw new ApiError(400, "The parameter filter must be JSON that filters by tool metadata");
}

/** The forms that a list asks for with `include_format`, once for each or with commas. */
function formatsIn(c: Context): string[] {
  const asked = ["include_format", "include_format[]"].flatMap((name) => c.req.queries(name) ?? []);
  const names = asked.flatMap((text) => text.split(",")).map((name) => name.trim())
    .filter((name) => name !== "");
  names.forEach(requireFormat);
  return names.filter((name) => name !== "arcade");
}

function withFormats(tool: ToolResponse, names: readonly string[]): ToolResponse {
  if (names.length === 0) return tool;
  const formatted_schema = Object.fromEntries(
    names.map((name) => [name, requireFormat(name)(tool)]),
  );
  return { ...tool, formatted_schema };
}

function formatIn(c: Context): (tool: ToolResponse) => Mapping {
  return requireFormat(c.req.query("format") || ASSUMED.format);
}

function requireFormat(name: string): (tool: ToolResponse) => Mapping {
  const names = Object.keys(FORMATS);
  const format = names.includes(name) ? FORMATS[name] : undefined;
  if (format === undefined) {
    throw new ApiError(400, `The format must be one of ${names.join(", ")}`);
  }
  return format;
}
