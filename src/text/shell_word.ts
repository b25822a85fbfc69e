/** A text as one word of a POSIX shell, in quotes only if it needs them. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The shells whose variables can be set with {@link variableLine}; `sh` stands for all POSIX shells. */
export const VARIABLE_SHELLS = ["sh", "fish", "powershell", "nushell"] as const;
export type VariableShell = typeof VARIABLE_SHELLS[number];

/**
 * A line of a shell that sets an environment variable, for the shell and the programs that it starts.
 *
 * @example
 * ```ts
 * variableLine("sh", "NAME", "it's"); // "export NAME='it'\\''s'"
 * ```
 */
export function variableLine(shell: VariableShell, name: string, value: string): string {
  switch (shell) {
    case "sh":
      return `export ${name}=${shellWord(value)}`;
    case "fish":
      return `set -gx ${name} '${value.replace(/['\\]/g, "\\$&")}'`;
    case "powershell":
      return `$env:${name} = '${value.replaceAll("'", "''")}'`;
    case "nushell":
      return `$env.${name} = "${value.replace(/["\\]/g, "\\$&")}"`;
  }
}
