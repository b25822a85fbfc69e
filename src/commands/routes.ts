import type { Command, Group, Routes } from "../cli/declaration.ts";
import type { Context } from "./context.ts";

/** The first words of command lines, in the order of the help. */
export const ROUTES: Routes<Context> = new Map<
  string,
  () => Promise<Command<Context> | Group<Context>>
>([
  ["login", async () => (await import("./account/commands.ts")).login],
  ["logout", async () => (await import("./account/commands.ts")).logout],
  ["whoami", async () => (await import("./account/commands.ts")).whoami],
  ["context", async () => (await import("./account/context/commands.ts")).context],
  ["org", async () => (await import("./org/commands.ts")).org],
  ["project", async () => (await import("./project/commands.ts")).project],
  ["secret", async () => (await import("./secret/commands.ts")).secret],
  ["server", async () => (await import("./server/commands.ts")).server],
  ["new", async () => (await import("./new/commands.ts")).newCommand],
  ["dev", async () => (await import("./dev/commands.ts")).dev],
  ["deploy", async () => (await import("./deploy/commands.ts")).deploy],
  ["mcp", async () => (await import("./mcp/commands.ts")).mcp],
  ["configure", async () => (await import("./configure/commands.ts")).configure],
  ["connect", async () => (await import("./connect/commands.ts")).connect],
  ["tool", async () => (await import("./tool/commands.ts")).tool],
  ["show", async () => (await import("./tool/commands.ts")).show],
  ["auth", async () => (await import("./auth/commands.ts")).auth],
  ["gateway", async () => (await import("./gateway/commands.ts")).gateway],
  ["dashboard", async () => (await import("./dashboard/commands.ts")).dashboard],
  ["api", async () => (await import("./api/commands.ts")).api],
  ["identity", async () => (await import("./identity/commands.ts")).identity],
  ["completion", async () => (await import("./completion/commands.ts")).completion],
  ["local", async () => (await import("./local/commands.ts")).local],
  ["doctor", async () => (await import("./doctor/commands.ts")).doctor],
  ["update", async () => (await import("./update/commands.ts")).update],
  ["telemetry", async () => (await import("./telemetry/commands.ts")).telemetry],
  ["version", async () => (await import("./version/commands.ts")).version],
]);
