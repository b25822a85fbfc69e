/**
 * A minimal engine for the benchmark. It lists secrets and servers, calls a tool, discards new secrets and archives, and has logs. It
 * is also the server of that tool. The first path segment is the delay of the response in milliseconds. Prints its address when it
 * is ready.
 */

import { sleep } from "../../src/system/waiting.ts";
import {
  ADDED,
  addingTool,
  type BenchLogLine,
  DEPLOYED,
  LISTED,
  LOG_LINES,
  type Secrets,
  type Servers,
  TOOL,
} from "./fixture.ts";

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
const servers: Servers = {
  items: Array.from({ length: LISTED }, (_, i) => ({
    id: `server-${i}`,
    type: "http",
    enabled: true,
    managed: true,
    http: { uri: `https://server-${i}.example.com` },
  })),
};
const ofServer = addingTool("Add");
const tool = {
  ...ofServer,
  qualified_name: TOOL,
  fully_qualified_name: `${TOOL}@1.0.0`,
  requirements: { met: true, authorization: null, secrets: [] },
};
const called = { ...ADDED, id: "te_1", status: "completed" };
const answers = new Map([
  [`tools/${TOOL}`, JSON.stringify(tool)],
  ["tools/execute", JSON.stringify(called)],
  [`deployments/${DEPLOYED}/status`, JSON.stringify({ status: "running" })],
  ["worker/health", JSON.stringify({ status: "ok" })],
  ["worker/tools", JSON.stringify([ofServer])],
  ["worker/tools/invoke", JSON.stringify(ADDED)],
  ["secrets", list],
  ["workers", JSON.stringify({ ...servers, total_count: LISTED })],
  ...Object.entries(LOG_LINES).map(([name, count]) =>
    [`deployments/${name}/logs`, JSON.stringify(Array.from({ length: count }, logLine))] as const
  ),
]);
const paths = [
  new URLPattern({ pathname: "/:delay/v1/orgs/:org/projects/:project/:rest+" }),
  new URLPattern({ pathname: "/:delay/:rest(worker/.+)" }),
];

function logLine(_: unknown, i: number): BenchLogLine {
  const time = new Date(Date.UTC(2026, 10, 20) + 7 * i).toISOString();
  return {
    timestamp: time.replace("Z", "508906Z"),
    line: `INFO request ${i} of tool Weather.Forecast took ${i % 97} ms, "status": ok`,
  };
}

Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => {
    Deno.stdout.writeSync(new TextEncoder().encode(`http://127.0.0.1:${port}\n`));
  },
}, async (request) => {
  const { delay = "", rest = "" } = paths.map((path) => path.exec(request.url))
    .find((found) => found !== null)?.pathname.groups ?? {};
  const isStored = request.method === "PUT" && rest.startsWith("secrets/");
  const isDeployed = request.method === "POST" && rest === "deployments";
  const answer = isStored ? stored : isDeployed ? "{}" : answers.get(rest);
  if (answer === undefined) return new Response(null, { status: 404 });
  for await (const _ of request.body ?? []); // an archive is too large to buffer
  if (delay !== "0") await sleep(Number(delay));
  return new Response(answer, { headers: { "content-type": "application/json" } });
});
