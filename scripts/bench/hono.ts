/** A bare server with the library of the local Arcade: it answers each request with the same list. Prints its address. */

import { Hono } from "hono";

const app = new Hono();
app.get("/v1/admin/secrets", (context) => context.json({ items: [], total_count: 0 }));
Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => {
    const url = `http://127.0.0.1:${port}`;
    Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify({ url })}\n`));
  },
}, app.fetch);
