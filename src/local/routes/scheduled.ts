/** Scheduled calls of tools: pending and finished. */

import { Hono } from "hono";
import type { ScheduledCallDetailResponse } from "../../contract/scheduled.ts";
import { ApiError } from "../api_error.ts";
import type { ProjectOf } from "../authentication.ts";
import { pageOf } from "../list_page.ts";
import type { Services } from "../services.ts";

export function scheduledRoutes({ schedule }: Services, projectOf: ProjectOf): Hono {
  const app = new Hono();

  app.get("/", (c) => c.json(pageOf(c, schedule.stored.of(projectOf(c)))));

  app.get("/:id", async (c) => {
    const call = await schedule.stored.find(projectOf(c), c.req.param("id"));
    if (call === undefined) throw new ApiError(404, "No such scheduled call in this project");
    return c.json(call satisfies ScheduledCallDetailResponse);
  });

  return app;
}
