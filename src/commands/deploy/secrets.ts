/** The secrets of a deployment. */

import type { SecretsClient } from "../../api/secrets.ts";
import type { SecretResponse } from "../../contract/secrets.ts";
import { formatFailure } from "../../cli/messages.ts";
import { Failure } from "../../failure.ts";
import { Sensitive } from "../../secrecy/sensitive.ts";
import { printable } from "../../terminal/safe_text.ts";
import { shellWord } from "../../text/shell_word.ts";
import type { Context } from "../context.ts";
import { DESCRIPTION, requireLength } from "../shared/secrets.ts";
import type { Project } from "../shared/project/project.ts";
import type { Interruptible } from "../shared/interruptible.ts";

export type SecretsChoice = "auto" | "all" | "skip";

/** A secret that a deployment needs, and the source of its value. */
export interface NeededSecret {
  readonly key: string;
  readonly source: "environment" | ".env" | undefined;
  /** Undefined if it is set nowhere. */
  readonly value: Sensitive | undefined;
}

/**
 * The secrets to upload, sorted.
 *
 * @param required the keys that the tools need.
 * @throws {Failure} of kind `usage` for `all` without a `.env` file, or for a value that is too long.
 */
export async function findSecrets(
  { machine: { variables } }: Pick<Context, "machine">,
  { choice, project, required }: {
    readonly choice: SecretsChoice;
    readonly project: Project;
    readonly required: readonly string[];
  },
): Promise<NeededSecret[]> {
  if (choice === "skip") return [];
  const keys = choice === "all" ? [...requireEnvFile(project)].sort() : required;
  const inEnvironment = await variables(keys);
  const inFile = new Map(project.envFile?.entries.map(({ key, value }) => [key, value]));
  return keys.map((key) => {
    const own = inEnvironment.get(key);
    const value = own ? new Sensitive(own, "value") : inFile.get(key);
    if (value) requireLength(value, `The value of "${printable(key)}"`);
    return { key, value, source: own ? "environment" : value && ".env" };
  });
}

/**
 * Whether a deployment depends on every line of `.env`: it uploads all secrets, or one that is not in the environment, which
 * an unclear line may have.
 */
export function needsWholeFile(choice: SecretsChoice, secrets: readonly NeededSecret[]): boolean {
  return choice === "all" || secrets.some(({ source }) => source !== "environment");
}

/** The keys of the `.env` file. */
export function requireEnvFile({ envFile }: Project): ReadonlySet<string> {
  if (envFile) return envFile.keys;
  throw new Failure(
    "usage",
    "`--secrets all` needs a .env file, and this folder does not have one",
    {
      next: "Add one, or use `--secrets auto`",
    },
  );
}

/** The result for each secret, by its key. */
export interface UploadedSecrets {
  readonly uploaded: readonly string[];
  /** They have no value here. */
  readonly skipped: readonly string[];
  readonly failed: readonly { readonly key: string; readonly error: string }[];
}

/** Uploads secrets. One that fails does not stop the others, as in the Python CLI. */
export async function uploadSecrets(
  context: Interruptible,
  client: SecretsClient,
  { secrets, sameFlags }: {
    readonly secrets: readonly NeededSecret[];
    /** The flags for the command lines of hints. */
    readonly sameFlags: string;
  },
): Promise<UploadedSecrets> {
  const uploaded: string[] = [];
  const skipped: string[] = [];
  const failed: { key: string; error: string }[] = [];
  if (secrets.length === 0) return { uploaded, skipped, failed };
  const fail = (error: unknown, keys: readonly string[]) => {
    if (!(error instanceof Failure) || context.http.signal.aborted) throw error;
    for (const key of keys) failed.push({ key, error: formatFailure(error) });
    context.io.warn(`Not uploaded: ${keys.join(", ")}. ${formatFailure(error)}`);
  };
  let existing: Map<string, SecretResponse>;
  try {
    existing = new Map((await client.list()).map((entry) => [entry.key, entry]));
  } catch (error) {
    fail(error, secrets.map(({ key }) => key));
    return { uploaded, skipped, failed };
  }
  for (const { key, value, source } of secrets) {
    const entry = existing.get(key);
    if (!value) {
      skipped.push(key);
      const where = `The secret ${key} is not in the environment or in .env`;
      if (entry) context.io.info(`${where}; the project keeps its value`);
      else {
        const set = `arcade secret set ${shellWord(key)}${sameFlags}`;
        context.io.warn(`${where}; set it with \`${set}\``);
      }
      continue;
    }
    try {
      await client.set(key, value, { description: entry?.description || DESCRIPTION });
      uploaded.push(key);
      context.io.stderr.write(`  Uploaded ${printable(key)} from ${source}\n`);
    } catch (error) {
      fail(error, [key]);
    }
  }
  return { uploaded, skipped, failed };
}
