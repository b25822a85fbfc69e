/** How the programs of this machine reach the registries of packages: proxies, and certificates. */
export function internetOf(): Record<string, string> {
  const names = ["HTTPS_PROXY", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"];
  return Object.fromEntries(names.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  }));
}
