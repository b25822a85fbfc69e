/** The certificate authorities that requests trust. */

import type { Environment } from "../contract/variables.ts";
import { isFile } from "./paths.ts";

/** The certificate authorities that a process trusts in addition to those in the files of {@link FILE_VARIABLES}. */
export interface Trust {
  /** The stores that the runtime itself loads: the value of `DENO_TLS_CA_STORE`. Its default is `mozilla`. */
  readonly stores: string;
  /** The file with the system's certificates. Undefined if the runtime loads them, or they are not trusted. */
  readonly system: string | undefined;
}

/** The variables that name files with more certificates. */
export const FILE_VARIABLES = ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "DENO_CERT"] as const;

/**
 * The trusted authorities: Mozilla's and the system's, unless `DENO_TLS_CA_STORE` names only one of them.
 * `SSL_CERT_FILE` replaces the system's. On Linux, arcade reads the system's file itself, because the runtime would print
 * certificates that it cannot use.
 */
export function trustOf(env: Environment): Trust {
  const chosen = storesOf(env);
  const isReplaced = env.SSL_CERT_FILE !== undefined;
  const system = chosen.includes("system") && !env.SSL_CERT_FILE ? systemFile() : undefined;
  const stores = isReplaced || system !== undefined
    ? chosen.filter((store) => store !== "system")
    : chosen;
  return { stores: stores.join() || NO_STORE, system };
}

/** A value of `DENO_TLS_CA_STORE` that names none. An empty variable counts as unset. */
const NO_STORE = ",";

/** The stores in `DENO_TLS_CA_STORE`. */
export function storesOf({ DENO_TLS_CA_STORE: written }: Environment): readonly string[] {
  return (written || "mozilla,system").split(",").map((store) => store.trim())
    .filter((store) => store !== "");
}

/** The files of Linux distributions: Debian, Fedora, openSUSE, Red Hat, Alpine. */
const SYSTEM_FILES = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

function systemFile(): string | undefined {
  return Deno.build.os === "linux" ? SYSTEM_FILES.find(isFile) : undefined;
}

/** Certificates in PEM, and problems with their files. */
export interface Certificates {
  /** Texts that the runtime accepts. */
  readonly texts: readonly string[];
  /** A sentence for each file with an unusable part. It names the file and does not quote it. */
  readonly unusable: readonly string[];
}

/**
 * Reads the certificates of the system, and those in the files that variables name.
 *
 * @param isAccepted whether the runtime accepts texts in PEM.
 */
export function readCertificates(
  env: Environment,
  { system }: Trust,
  isAccepted: (texts: readonly string[]) => boolean,
): Certificates {
  const sources = new Map<string, string>(); // many systems name the same file in all variables
  if (system !== undefined) sources.set(system, "The certificates of the system");
  for (const name of FILE_VARIABLES) {
    const path = env[name];
    if (path) sources.set(path, name);
  }
  const unusable: string[] = [];
  const files = [...sources].flatMap(([path, source]) => {
    const read = readFile(path);
    if ("text" in read) return [{ path, source, text: read.text }];
    unusable.push(`${source}: "${path}" ${read.why}`);
    return [];
  });
  const texts = files.map(({ text }) => text);
  if (isAccepted(texts)) return { texts, unusable };
  const accepted = files.flatMap(({ path, source, text }) => {
    if (isAccepted([text])) return [text];
    const good = text.match(CERTIFICATE)?.filter((one) => isAccepted([one])) ?? [];
    const count = text.split(BEGIN).length - 1;
    unusable.push(
      `${source}: ${count - good.length} of ${count} certificates in "${path}" cannot be used`,
    );
    return good;
  });
  return { texts: accepted, unusable };
}

const BEGIN = "-----BEGIN CERTIFICATE-----";
const CERTIFICATE = new RegExp(`${BEGIN}[^-]*-----END CERTIFICATE-----`, "g");
/** A hundred times the size of the file of a system. */
const MAX_BYTES = 32 * 1024 * 1024;

function readFile(path: string): { readonly text: string } | { readonly why: string } {
  try {
    const { isFile, isDirectory, size } = Deno.statSync(path);
    if (isDirectory) return { why: "is a folder" };
    if (!isFile) return { why: "is not a file" };
    if (size > MAX_BYTES) return { why: "is too large" };
    const text = new TextDecoder().decode(Deno.readFileSync(path)); // without a byte order mark
    if (text.trim() === "") return { why: "is empty" };
    return text.includes(BEGIN) ? { text } : { why: "contains no certificate in PEM" };
  } catch (error) {
    return { why: error instanceof Deno.errors.NotFound ? "does not exist" : "cannot be read" };
  }
}
