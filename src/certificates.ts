import type { Environment } from "./variables.ts";

/**
 * Which certificates the runtime trusts: the value of `DENO_TLS_CA_STORE`. Unless the user sets it, these are the ones of
 * Mozilla and of the system, and those in `SSL_CERT_FILE`. If that names no file, the runtime would fail every request, so
 * the result is undefined: the ones of Mozilla only.
 */
export function certificateStores(
  { DENO_TLS_CA_STORE: own, SSL_CERT_FILE: file }: Environment,
): string | undefined {
  if (own) return own;
  return file === undefined || isFile(file) ? "mozilla,system" : undefined;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false; // missing or unreadable, which is the same for the runtime
  }
}
