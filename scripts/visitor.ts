/** Stands in for a browser. Run as a program, it opens an address and reads the page. */

const MAX_REDIRECTS = 10;

/** Sends requests as one browser does: keeps the cookies of each host, whatever its port, and follows redirects. */
export class Visitor {
  readonly #cookies = new Map<string, Map<string, string>>();

  async fetch(address: string, init: RequestInit = {}): Promise<Response> {
    let response = await this.fetchOnce(address, init);
    for (let hops = 0; hops < MAX_REDIRECTS; hops++) {
      const location = response.headers.get("location");
      if (location === null) return response;
      response = await this.fetchOnce(new URL(location, response.url).href);
    }
    throw new Error(`${address} redirects in a loop`);
  }

  /** Like `fetch`, without following redirects; discards the body of one. */
  async fetchOnce(address: string, init: RequestInit = {}): Promise<Response> {
    const { hostname } = new URL(address);
    const cookies = this.#cookies.get(hostname) ?? new Map<string, string>();
    this.#cookies.set(hostname, cookies);
    const headers = new Headers(init.headers);
    if (cookies.size > 0) {
      headers.set("cookie", [...cookies].map(([name, value]) => `${name}=${value}`).join("; "));
    }
    const response = await fetch(address, { ...init, headers, redirect: "manual" });
    for (const given of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=;]*)=([^;]*)/.exec(given) ?? [];
      if (name !== undefined && value !== undefined) cookies.set(name, value);
    }
    if (response.headers.has("location")) await response.body?.cancel();
    return response;
  }
}

if (import.meta.main) await (await new Visitor().fetch(Deno.args[0] ?? "")).text();
