/** The secrets of a project, without their values. */

import { Hono } from "hono";
import {
  SECRET_KEY,
  secretRequest,
  type SecretResponse,
  type SecretsResponse,
} from "../../contract/secrets.ts";
import type { ProjectOf } from "../authentication.ts";
import type { Services } from "../services.ts";
import { ApiError } from "../api_error.ts";
import { jsonBody } from "../body.ts";
import { pageOf } from "../list_page.ts";

export function secretRoutes({ secrets }: Services, projectOf: ProjectOf): Hono {
  const app = new Hono();

  app.get("/", async (c) => {
    const page = pageOf(c, await secrets.entries(projectOf(c)), { isWhole: true });
    return c.json(page satisfies SecretsResponse);
  });

  // The SDKs send POST, which the cloud does not support.
  app.on(["PUT", "POST"], "/:key", async (c) => {
    const projectId = projectOf(c);
    const key = c.req.param("key");
    if (!SECRET_KEY.test(key)) {
      throw new ApiError(422, "A key has 1 to 256 letters, digits, underscores, dots or dashes");
    }
    const { value, description } = await jsonBody(c, secretRequest);
    const stored = await secrets.set(projectId, { key, value, description });
    return c.json(stored satisfies SecretResponse);
  });

  app.delete("/:id", (c) => {
    if (!secrets.delete(projectOf(c), c.req.param("id"))) {
      throw new ApiError(404, "No such secret in this project");
    }
    return c.body(null, 204);
  });

  return app;
}
