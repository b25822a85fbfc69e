/** Which arguments of a command may be secrets. */

import { shownAddress } from "../../hosts/urls.ts";

/** A word of a name whose value is a secret, such as that of `--api-key`, `GITHUB_TOKEN` or `X-Auth-Token`. */
const SECRET_NAME =
  /(?:^|[-_])(?:api[-_]?key|access[-_]?key|secret[-_]?key|private[-_]?key|token|secret|pass|passwd|password|passphrase|pat|credentials?|authorization|auth|bearer|cookie)$|[a-z0-9][-_]key$/i;
/** How tokens of well-known services and JSON Web Tokens begin. */
const KNOWN_TOKEN =
  /^(?:gh[opsur]_|github_pat_|glpat-|xox[abp]-|sk[-_]|arc_|AKIA|AIza|eyJ[\w-]+\.|npm_|pypi-|Bearer )/;
/** A value that another program puts in later: `$NAME`, `${NAME}` or `%NAME%`. */
const REFERENCE = /^(?:\$\w+|\$\{[^}]*\}|%\w+%)$/;

/** A name before its value, as in `NAME=VALUE` or `Name: value`. The scheme of an address is none. */
const NAME = /^([\w-]+)\s*[=:]\s*(?!\/\/)(?=.)/s;

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
    SECRET_NAME.test(inWords(name)) && !REFERENCE.test(value) && !isFile(value);
  for (const [i, arg] of args.entries()) {
    const next = args[i + 1] ?? "-";
    if (/^-[\w-]+$/.test(arg) && !next.startsWith("-") && isSecret(arg, next)) {
      return `the value of ${arg}`;
    }
    // The value of a flag can be a pair itself: `--env=NAME=VALUE`.
    for (let text = arg; text !== "";) {
      if (KNOWN_TOKEN.test(text)) return "the token";
      if (isPrivateAddress(text)) return "the address";
      const [start = text, name = ""] = NAME.exec(text) ?? [];
      text = text.slice(start.length);
      if (isSecret(name, text)) return `the value of ${name}`;
    }
  }
  return undefined;
}

/** A name in camel case with dashes between its words. */
function inWords(name: string): string {
  return name.replace(/([a-z\d])([A-Z])/g, "$1-$2");
}

/** Whether a text is an address with a user, a query or a fragment. */
function isPrivateAddress(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(text) && shownAddress(text) !== text;
}
