/** The services that requests go to: whether they answer, and whether their clock matches this machine's. */

import { exchange } from "../../api/exchange.ts";
import { isLoopback } from "../../hosts/address.ts";
import { proxyFor } from "../../system/proxies.ts";
import { decide, type Service, type TargetFlags } from "../../target/decide.ts";
import { readFacts } from "../../target/facts.ts";
import type { Context } from "../context.ts";
import { type Finding, ok, problem, warning } from "./findings.ts";

/** A path of each service that answers without a credential. */
const PATHS = { coordinator: "/api/v1/auth/cli_config", engine: "/v1/health" } as const;
/** How long a service may take. */
const ANSWER_MS = 5000;

/** Asks a service, without a credential. */
export async function checkService(
  context: Context,
  flags: TargetFlags,
  service: Service,
): Promise<Finding[]> {
  const { clock } = context;
  const { address } = decide(service, flags, await readFacts(context, service, flags));
  const url = `${address}${PATHS[service]}`;
  const started = clock.elapsedMs();
  const { status, headers } = await exchange(
    { ...context.http, timeoutMs: () => ANSWER_MS, requestMs: ANSWER_MS },
    { method: "GET", url, isRepeatable: false },
  );
  const ms = Math.round(clock.elapsedMs() - started);
  const where = `${address}${through(context, url)}`;
  const answered = status < 300
    ? ok(`${where} answered in ${ms} ms`)
    : problem(`${where} answered with ${status}`, "Check the address, or try again later");
  return [answered, ...clockOf(headers.get("date"), clock.now())];
}

function through({ env }: Context, url: string): string {
  const target = new URL(url);
  if (isLoopback(target.hostname)) return "";
  const proxy = proxyFor(env, target, env.NO_PROXY ?? env.no_proxy ?? "");
  return proxy ? `, through the proxy ${proxy.address},` : "";
}

/** If the clock differs by more than this, tokens appear expired or not valid yet. */
const WRONG_MS = 300_000;
/** `Date` counts seconds, and an answer takes time. */
const EXACT_MS = 10_000;

/** Compares the clock of a server (RFC 9110 6.6.1) with this machine's clock. */
function clockOf(date: string | null, now: Date): Finding[] {
  const ahead = now.getTime() - Date.parse(date ?? "");
  if (!(Math.abs(ahead) > EXACT_MS)) return [];
  const message = `The clock of this machine is ${duration(Math.abs(ahead))} ${
    ahead > 0 ? "ahead of" : "behind"
  } the server's`;
  const next = "Set the clock, or let the system set it";
  return [Math.abs(ahead) > WRONG_MS ? problem(message, next) : warning(message, next)];
}

function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}
