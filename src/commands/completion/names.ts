/** Finds names for completion, quickly and quietly. */

import { NetworkTime } from "../../api/network_time.ts";
import { begins, type Candidate, type NamesCompletion } from "../../cli/completion.ts";
import { unneeded } from "../../cli/permissions.ts";
import { withDeadline } from "../../system/waiting.ts";
import { isOn } from "../../system/environment.ts";
import { trafficBan } from "../../system/policy.ts";
import { Failure } from "../../failure.ts";
import { mayExist } from "../../files/private_file.ts";
import { runningFolder } from "../../files/arcade_folder.ts";
import { printable } from "../../terminal/safe_text.ts";
import type { Context } from "../context.ts";
import { LISTS } from "./lists.ts";

/** How long after its start the process may take. */
const LIMIT_MS = 300;

/**
 * The names of a list that start with the current word. Nothing is shown or changed, and any failure means no
 * names. Typed text is never sent.
 */
export async function findNames(
  context: Context,
  completion: NamesCompletion,
  current: string,
): Promise<Candidate[]> {
  const { others } = completion;
  const names = await namesOf(context, completion, current);
  const words = new Set(others.map(({ word }) => word));
  return [...names.filter(({ word }) => !words.has(word)), ...others];
}

async function namesOf(
  context: Context,
  { list: listName, before, taken, flags, args, pending }: NamesCompletion,
  current: string,
): Promise<Candidate[]> {
  const list = LISTS.get(listName);
  if (!list) return [];
  const { needs, capabilities, find } = list;
  // A local Arcade is reached through its socket, which the runtime counts as writing.
  const usesSocket = needs.includes("net") && hasRegistrations(context);
  context.dropPermissions(unneeded(usesSocket ? [...needs, "write"] : needs));
  // What follows `--host` may be anything before Enter is pressed.
  const isElsewhere = ["host", "port", "tls"].some((flag) => flags[flag] !== undefined) ||
    /^https?:/.test(String(flags.server));
  const isOffline = isElsewhere || isOn(context.env.ARCADE_COMPLETION_OFFLINE);
  if (needs.includes("net") && (isOffline || trafficBan(context))) return [];
  const limit = {
    milliseconds: LIMIT_MS - context.clock.elapsedMs(),
    late: () => new Failure("network", "Too late"),
  };
  try {
    const names = await withDeadline(limit, (signal) =>
      find(
        {
          ...context,
          io: { ...context.io, warn: () => {}, notice: () => {} },
          http: {
            ...context.http,
            trace: undefined,
            networkTime: new NetworkTime(context.clock.elapsedMs), // shows nothing
            signal,
          },
          files: { ...context.files, isReadOnly: true },
          capabilities,
        },
        projectFlags(flags),
        { args, pending },
      ));
    const candidates = names.flatMap(({ name, brief = "" }) => {
      const word = before + name;
      const isFlag = list.areFlags && pending === undefined;
      return isSafe(isFlag ? name.replace(/^--/, "") : name, before) &&
          begins(word, current) && !taken.includes(name)
        ? [[word, { word, brief: printable(brief.trim().split("\n")[0] ?? "") }] as const]
        : [];
    });
    return [...new Map(candidates).values()];
  } catch (error) {
    if (error instanceof Failure) return [];
    throw error;
  }
}

/** Whether local Arcades have registered themselves in the Arcade folder. */
function hasRegistrations({ files: { folder } }: Context): boolean {
  try {
    return mayExist(runningFolder(folder()));
  } catch (error) {
    if (error instanceof Failure) return false; // an unknown home folder
    throw error;
  }
}

/** The flags that decide which names there are. */
function projectFlags({ context, org, project }: NamesCompletion["flags"]) {
  return {
    ...(typeof context === "string" && { context }),
    ...(typeof org === "string" && { org }),
    ...(typeof project === "string" && { project }),
  };
}

/** Whether a name can be inserted as it is. One that starts with a dash would be a flag, except behind `--flag=`. */
function isSafe(name: string, before: string): boolean {
  return name !== "" && (before !== "" || !name.startsWith("-")) && printable(name) === name;
}
