/** The tools of a project, by their names. */

import type { ToolResponse } from "../../contract/tools.ts";
import type { WorkerCallRequest, WorkerCallResponse } from "../../contract/worker.ts";
import { noTool } from "./refusal.ts";

/** A server that has tools. */
export interface Host {
  readonly id: string;
  readonly tools: readonly ToolResponse[];
  readonly worker: ToolWorker;
}

/** The target of a tool call. */
export interface ToolWorker {
  /** Whether its tools accept inputs that their definitions do not name. */
  readonly takesOtherInput?: boolean;
  /** Calls a tool. Throws a `WorkerError`. */
  invoke(call: WorkerCallRequest): Promise<WorkerCallResponse>;
}

/** A tool, and the server that has it. */
export interface Found {
  readonly tool: ToolResponse;
  readonly serverId: string;
  readonly worker: ToolWorker;
}

/**
 * Finds a tool by a name such as `Math.Add`, `Math_Add` or `Math.Add@1.0.0`: the newest version, unless one is named. A name in
 * the same case takes precedence. Throws a `CallRefusal` if no tool matches.
 *
 * @param options.isOffered whether the caller can see a tool; by default all.
 */
export function findTool(
  hosts: readonly Host[],
  name: string,
  { version, isOffered = () => true }: {
    readonly version?: string | undefined;
    readonly isOffered?: ((tool: ToolResponse) => boolean) | undefined;
  } = {},
): Found {
  const [plain = "", ...named] = name.split("@");
  const wanted = [named.join("@"), version].filter((one) => one);
  const among = (form: keyof Index) => {
    const key = form === "exact" ? plain : plain.toLowerCase();
    return hosts.flatMap(({ id, tools, worker }) =>
      (indexOf(tools)[form].get(key) ?? []).map((tool) => ({ tool, serverId: id, worker }))
    ).filter(({ tool }) => wanted.every((one) => one === tool.toolkit.version) && isOffered(tool));
  };
  const exact = among("exact");
  const [first, ...others] = exact.length > 0 ? exact : among("anyCase");
  if (first === undefined) throw noTool([plain, ...wanted].join("@"));
  return others.reduce((best, one) => isNewer(one.tool, best.tool) ? one : best, first);
}

/** All tools in the order of their names: the newest version of each, or all versions. */
export function listTools(
  hosts: readonly Host[],
  { toolkit, isAllVersions = false }: { toolkit?: string | undefined; isAllVersions?: boolean } =
    {},
): ToolResponse[] {
  const wanted = toolkit?.toLowerCase();
  const listed = new Map<string, ToolResponse>();
  for (const tool of hosts.flatMap(({ tools }) => tools)) {
    if (wanted !== undefined && tool.toolkit.name.toLowerCase() !== wanted) continue;
    const key = isAllVersions ? tool.fully_qualified_name : tool.qualified_name;
    const other = listed.get(key);
    if (other === undefined || isNewer(tool, other)) listed.set(key, tool);
  }
  return [...listed].sort(([a], [b]) => a < b ? -1 : 1).map(([, tool]) => tool);
}

/** The tools of a server by their names without a version. */
interface Index {
  readonly exact: ReadonlyMap<string, readonly ToolResponse[]>;
  readonly anyCase: ReadonlyMap<string, readonly ToolResponse[]>;
}

const indexes = new WeakMap<readonly ToolResponse[], Index>();

/** Built once for each list, because searching 10,000 tools takes longer than a call. */
function indexOf(tools: readonly ToolResponse[]): Index {
  const known = indexes.get(tools);
  if (known !== undefined) return known;
  const exact = new Map<string, ToolResponse[]>();
  const anyCase = new Map<string, ToolResponse[]>();
  const add = (index: Map<string, ToolResponse[]>, name: string, tool: ToolResponse) => {
    const same = index.get(name);
    if (same === undefined) index.set(name, [tool]);
    else if (same.at(-1) !== tool) same.push(tool);
  };
  for (const tool of tools) {
    for (const name of namesOf(tool)) {
      add(exact, name, tool);
      add(anyCase, name.toLowerCase(), tool);
    }
  }
  const index = { exact, anyCase };
  indexes.set(tools, index);
  return index;
}

/** `Math.Add`, and `Math_Add`, which models and MCP use. */
export function namesOf({ name, toolkit }: ToolResponse): [dotted: string, underscored: string] {
  return [`${toolkit.name}.${name}`, `${toolkit.name}_${name}`];
}

/** Whether a tool has a higher version than another one. */
function isNewer(a: ToolResponse, b: ToolResponse): boolean {
  const [ours, theirs] = [partsOf(a), partsOf(b)];
  for (let i = 0; i < Math.max(ours.length, theirs.length); i++) {
    const difference = (ours[i] ?? 0) - (theirs[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
}

/** The numbers of a version, without what follows a dash or a plus. */
function partsOf({ toolkit: { version } }: ToolResponse): number[] {
  const [numbers = ""] = (version ?? "").split(/[-+]/, 1);
  return numbers.split(".").map((part) => Number(part) || 0);
}
