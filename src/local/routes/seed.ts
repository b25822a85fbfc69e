import { Hono } from "hono";
import { SEED_PATH, type SeedResponse } from "../../contract/seed.ts";
import { requireApiKey } from "../authentication.ts";
import { ApiError } from "../api_error.ts";
import { seedOf } from "../model/seed.ts";
import type { Services } from "../services.ts";

/** What `arcade local export` asks for. */
export function seedRoutes(services: Services): Hono {
  const app = new Hono();
  app.get(SEED_PATH, async (c) => {
    const account = services.accounts.find(requireApiKey(c, services).account_id);
    if (account === undefined) throw new ApiError(404, "The account was removed");
    return c.json(await seedOf(account, services) satisfies SeedResponse);
  });
  return app;
}
