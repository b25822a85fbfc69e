/**
 * The engine as far as the benchmark needs it: it lists secrets and forgets those that it is given. The first segment of
 * the path says how many milliseconds it waits before it answers. It writes its address to stdout when it is ready.
 */

import { LISTED, type Secrets } from "./fixture.ts";

const secrets: Secrets = {
  items: Array.from({ length: LISTED }, (_, i) => ({
    id: `secret-${i}`,
    key: `LISTED_${i}`,
    binding: { type: "project" },
    description: "Secret set via CLI",
    hint: "a1b2",
    created_at: "2026-11-20T15:04:05Z",
  })),
};
const list = JSON.stringify(secrets);
const stored = JSON.stringify(secrets.items[0]);
const paths = new URLPattern({ pathname: "/:delay/v1/orgs/:org/projects/:project/secrets/:key?" });

Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => {
    Deno.stdout.writeSync(new TextEncoder().encode(`http://127.0.0.1:${port}\n`));
  },
}, async (request) => {
  const { delay = "", key } = paths.exec(request.url)?.pathname.groups ?? {};
  const method = key === undefined ? "GET" : "PUT";
  if (delay === "" || request.method !== method) return new Response(null, { status: 404 });
  await request.text();
  if (delay !== "0") await new Promise((answer) => setTimeout(answer, Number(delay)));
  return new Response(method === "GET" ? list : stored, {
    headers: { "content-type": "application/json" },
  });
});
