/** Which arguments of a command may be secrets. */

/** A word of a name whose value is a secret, such as that of `--api-key`, `GITHUB_TOKEN` or `X-Auth-Token`. */
const SECRET_NAME =
  /(?:^|[-_])(?:api[-_]?key|access[-_]?key|secret[-_]?key|private[-_]?key|token|secret|pass|passwd|password|passphrase|pat|credentials?|authorization|auth|bearer|cookie)$|[a-z0-9][-_]key$/i;
/** How tokens of well-known services and JSON Web Tokens begin. */
const KNOWN_TOKEN =
  /^(?:gh[opsur]_|github_pat_|glpat-|xox[abp]-|sk[-_]|arc_|AKIA|AIza|eyJ[\w-]+\.|npm_|pypi-|Bearer )/;
/** A value that another program puts in later: `$NAME`, `${NAME}` or `%NAME%`. */
const REFERENCE = /^(?:\$\w+|\$\{[^}]*\}|%\w+%)$/;

/**
 * Finds an argument of a command that may be a secret. The path of an existing file is not a secret.
 *
 * @returns what the argument is, without its value; undefined if no argument may be a secret.
 */
export function secretArgument(
  args: readonly string[],
  isFile: (path: string) => boolean,
): string | undefined {
  const isSecret = (name: string, value: string) =>
    SECRET_NAME.test(name) && !REFERENCE.test(value) && !isFile(value);
  for (const [i, arg] of args.entries()) {
    const [, name = "", value = ""] = /^([\w-]+)\s*[=:]\s*(?!\/\/)(.+)$/s.exec(arg) ?? [];
    if (isSecret(name, value)) return `the value of ${name}`;
    const next = args[i + 1] ?? "-";
    if (/^-[\w-]+$/.test(arg) && !next.startsWith("-") && isSecret(arg, next)) {
      return `the value of ${arg}`;
    }
    for (const text of [arg, value]) {
      if (KNOWN_TOKEN.test(text)) return "the token";
      if (isPrivateAddress(text)) return "the address";
    }
  }
  return undefined;
}

/** Whether a text is an address with a user, a query or a fragment. */
function isPrivateAddress(text: string): boolean {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return false;
  const url = URL.parse(text);
  return url === null || [url.username, url.password, url.search, url.hash].some(Boolean);
}
