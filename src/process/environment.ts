/** The environment of this process, whose variables may not be UTF-8 text. */

import { Failure } from "../failure.ts";
import {
  AGENT_VARIABLES,
  type Environment,
  ENVIRONMENT_VARIABLES,
  PROXY_VARIABLES,
} from "../contract/variables.ts";

/** Variables that decide the server, the credential and the files of a command. It must not run without them. */
const DECISIVE = new Set<string>([
  ...PROXY_VARIABLES,
  "ARCADE_API_KEY",
  "ARCADE_CONTEXT",
  "ARCADE_COORDINATOR_URL",
  "ARCADE_DOWNLOAD_URL",
  "ARCADE_ENGINE_URL",
  "ARCADE_IDENTITY_FILE",
  "ARCADE_ORG_ID",
  "ARCADE_PROJECT_ID",
  "ARCADE_TOKEN",
  "ARCADE_USER_ID",
  "ARCADE_URL",
  "ARCADE_WORK_DIR",
  "DENO_SERVE_ADDRESS",
]);

/** An invalid value of these opts out: U+FFFD is neither on nor off, nor an address or a key. */
const OPT_OUTS: ReadonlyMap<string, string> = new Map([
  ...AGENT_VARIABLES.map((name) => [name, "\uFFFD"] as const),
  ["ARCADE_COMPLETION_OFFLINE", "\uFFFD"],
  ["ARCADE_DISABLE_AUTOUPDATE", "\uFFFD"],
  ["ARCADE_NO_BACKGROUND_TRAFFIC", "\uFFFD"],
  ["ARCADE_NO_UPDATE_CHECK", "\uFFFD"],
  ["ARCADE_POSTHOG_HOST", "\uFFFD"],
  ["ARCADE_POSTHOG_KEY", ""],
  ["ARCADE_USAGE_TRACKING", "\uFFFD"],
  ["CI", "\uFFFD"],
  ["DO_NOT_TRACK", "\uFFFD"],
]);

/**
 * The variables with a meaning when they are blank: no key means no telemetry; a file that the runtime cannot read.
 * All other blank variables count as unset.
 */
const MEANT_BLANK = new Set<string>(["ARCADE_POSTHOG_KEY", "DENO_CERT"]);

/**
 * The variables of this process that arcade reads, and the names of those that are not UTF-8 text. These count as unset, but
 * opting out stays opting out, PATH keeps its other folders, and reading one that is {@link DECISIVE} throws a {@link Failure}
 * of kind `usage`.
 *
 * @param read reads a variable. Throws for one that is not UTF-8 text, with its value in the message.
 */
export function readEnvironment(
  read: (name: string) => string | undefined = Deno.env.get,
): { readonly env: Environment; readonly unreadable: ReadonlySet<string> } {
  const env: Record<string, string> = {};
  const unreadable = new Set<string>();
  for (const name of ENVIRONMENT_VARIABLES) {
    let value: string | undefined;
    try {
      value = read(name);
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) throw error;
      unreadable.add(name);
      value = name === "PATH" ? readableFolders(error) : OPT_OUTS.get(name);
      if (DECISIVE.has(name)) {
        // Not enumerable, because code that lists variables does not use this one.
        Object.defineProperty(env, name, {
          get: () => {
            throw unreadableVariable(name);
          },
        });
      }
    }
    if (value !== undefined && (value.trim() !== "" || MEANT_BLANK.has(name))) env[name] = value;
  }
  return { env, unreadable };
}

/** The failure of a command that uses a variable which is not UTF-8 text. */
export function unreadableVariable(name: string): Failure {
  return new Failure("usage", `${name} is not UTF-8 text`, { next: "Set it again, or unset it" });
}

/** The warning about variables that are not UTF-8 text. */
export function unreadableWarning(names: ReadonlySet<string>): string {
  return `Cannot read variables that are not UTF-8 text: ${[...names].join(", ")}`;
}

/** The folders of a PATH that are UTF-8 text. The error quotes PATH as Rust does: invalid bytes as `\xFF`. */
function readableFolders(error: unknown): string | undefined {
  const [, quoted = ""] = error instanceof Error ? /"(.*)"/s.exec(error.message) ?? [] : [];
  const BAD = "\uFFFD";
  const path = quoted.replace(
    /\\(?:x[\dA-F]{2}|u\{([\da-f]+)\}|(.))/g,
    (_escape, code?: string, character?: string) => {
      if (code !== undefined) return String.fromCodePoint(parseInt(code, 16));
      if (character === undefined) return BAD;
      return ESCAPED.get(character) ?? character;
    },
  );
  return path.split(":").filter((folder) => !folder.includes(BAD)).join(":") || undefined;
}

const ESCAPED: ReadonlyMap<string, string> = new Map([
  ["0", "\0"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
]);
