/** The secrets of a project, without their values. */

import { Hono } from "hono";
import * as v from "valibot";
import { type ProjectOf, type Services } from "../http.ts";
import { ApiError } from "../api_error.ts";
import { jsonBody } from "../body.ts";

const KEY = /^[A-Za-z0-9_.-]{1,256}$/;
/** As the engine has it, in Unicode characters. */
const MAX_VALUE_LENGTH = 5000;

const NewSecret = v.object({
  description: v.optional(v.nullable(v.pipe(v.string(), v.maxLength(1000)))),
  value: v.pipe(v.string(), v.nonEmpty(), v.check(isStorable)),
});
const NEW_SECRET_HINT = "The body must be an object with a value, a text of 1 to 5000 characters " +
  "without NUL, and optionally a description of at most 1000 characters";

function isStorable(value: string): boolean {
  return [...value].length <= MAX_VALUE_LENGTH && !value.includes("\0");
}

export function secretRoutes({ secrets }: Services, projectOf: ProjectOf): Hono {
  const app = new Hono();

  app.get("/", async (c) => {
    return c.json({ items: await secrets.entries(projectOf(c)) });
  });

  app.put("/:key", async (c) => {
    const projectId = projectOf(c);
    const key = c.req.param("key");
    if (!KEY.test(key)) {
      throw new ApiError(422, "A key has 1 to 256 letters, digits, underscores, dots or dashes");
    }
    const { value, description } = await jsonBody(c, NewSecret, NEW_SECRET_HINT);
    return c.json(await secrets.set(projectId, { key, value, description }));
  });

  app.delete("/:id", (c) => {
    if (!secrets.delete(projectOf(c), c.req.param("id"))) {
      throw new ApiError(404, "No such secret in this project");
    }
    return c.body(null, 204);
  });

  return app;
}
