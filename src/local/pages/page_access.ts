/**
 * Access to the pages, for the user who started this server. Every user of the machine can reach the port, but only this one
 * sees the address and the code in the terminal. A browser with one of them gets a cookie.
 */

import { type Context, Hono } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { isFromElsewhere } from "../foreign_requests.ts";
import { formBody } from "../body.ts";
import { hashOf, normalizedUserCode, randomOpaque, randomUserCode } from "../model/opaque.ts";
import type { DeviceCodes } from "../model/device_codes.ts";
import { show } from "./layout.ts";
import { codePage, continuePage } from "./sign_in.ts";

/** The path of the form for the code. */
const CODE_PATH = "/access";
const COOKIE_SECONDS = 30 * 24 * 60 * 60;
/** The limit of wrong codes. A code has 20^8 values, so guessing it at this rate takes longer than a lifetime. */
const WRONG_CODES = 10;
const WRONG_CODES_MS = 60_000;

export class PageAccess {
  /** Whether everyone who can reach the port can use the pages. */
  readonly isOpen: boolean;
  /** The code for the terminal. Admits any browser, any number of times. */
  readonly code = randomUserCode();
  readonly #now: () => Date;
  /** In memory only, so a restart asks every browser again. */
  readonly #session = randomOpaque("arcl_ps_");
  /** The addresses for the terminal, by the paths of their pages. */
  readonly #addresses = new Map<string, { readonly token: string; isUsed: boolean }>();
  #wrongCodes: number[] = [];

  constructor(options: { isOpen: boolean; now: () => Date }) {
    this.isOpen = options.isOpen;
    this.#now = options.now;
  }

  /**
   * The address for the terminal. Admits one browser, once.
   *
   * @param path the page that it always redirects to. Only its token is in the address, so that it fits a line.
   */
  address(url: string, path = "/"): string {
    if (this.isOpen) return path === "/" ? url : url + path;
    const address = this.#addresses.get(path) ?? { token: randomOpaque("", 16), isUsed: false };
    this.#addresses.set(path, address);
    return `${url}/?${new URLSearchParams({ token: address.token })}`;
  }

  /** Whether a request comes from an admitted browser. */
  admits(c: Context): boolean {
    const session = getCookie(c, cookieName(c)) ?? "";
    // Comparing hashes prevents a timing attack.
    return this.isOpen || hashOf(session) === hashOf(this.#session);
  }

  /** Admits a browser by the token of an address, once. Returns the path of the page. */
  admitByToken(c: Context, given: string): string {
    for (const [path, address] of this.#addresses) {
      if (hashOf(given) !== hashOf(address.token)) continue;
      if (!address.isUsed) this.#setCookie(c);
      address.isUsed = true;
      return path;
    }
    return "/";
  }

  /** Whether this is the code in the terminal, for a user who can already use the pages. */
  isOwnCode(typed: string): boolean {
    return hashOf(normalizedUserCode(typed)) === hashOf(this.code);
  }

  /** Admits a browser by the code, or returns the reason why not. */
  admitByCode(c: Context, typed: string): "admitted" | "wrong" | "too-many" {
    const now = this.#now().getTime();
    this.#wrongCodes = this.#wrongCodes.filter((time) => time > now - WRONG_CODES_MS);
    if (this.#wrongCodes.length >= WRONG_CODES) return "too-many";
    if (!this.isOwnCode(typed)) {
      this.#wrongCodes.push(now);
      return "wrong";
    }
    this.#setCookie(c);
    return "admitted";
  }

  #setCookie(c: Context): void {
    setCookie(c, cookieName(c), this.#session, {
      path: "/",
      httpOnly: true,
      sameSite: "Strict",
      maxAge: COOKIE_SECONDS,
    });
  }
}

/** Protects these pages, and asks for the code. Must precede their routes. */
export function pageAccessRoutes(
  { access, devices }: { readonly access: PageAccess; readonly devices: DeviceCodes },
  pages: readonly string[],
): Hono {
  const app = new Hono();

  for (const path of pages) {
    app.use(path, async (c, next) => {
      const wanted = c.req.path + new URL(c.req.url).search;
      // Change nothing and read no cookie before the user acts on one of our pages.
      if (isFromElsewhere(c.req.raw)) return show(c, continuePage(wanted));
      const token = c.req.query("token");
      if (path === "/" && c.req.method === "GET" && token !== undefined) {
        return c.redirect(access.admitByToken(c, token), 303);
      }
      if (access.admits(c)) return await next();
      const page = codePage({ action: CODE_PATH, next: c.req.method === "GET" ? wanted : "/" });
      return show(c, page, { status: 403 });
    });
  }

  app.post(CODE_PATH, async (c) => {
    const form = await formBody(c);
    const next = ownPath(c, form.get("next") ?? "");
    const code = form.get("code") ?? "";
    const result = access.admitByCode(c, code);
    if (result === "admitted") return c.redirect(next, 303);
    const isWrong = result === "wrong";
    const problem = !isWrong
      ? "Too many wrong codes. Wait a minute, or open the address in the terminal."
      : devices.pending(code) === undefined
      ? "Wrong code. Use the code in the terminal."
      : "That code is for a login, which a later page asks for. First enter the code that " +
        "arcade local serve shows in its terminal.";
    return show(c, codePage({ action: CODE_PATH, next, problem }), { status: isWrong ? 403 : 429 });
  });

  return app;
}

/** Cookies ignore ports, so each local Arcade needs its own name. */
function cookieName(c: Context): string {
  return `arcade_local_${new URL(c.req.url).port}`;
}

/** Restricts a path with its query to this server; `/` for anything else. */
function ownPath(c: Context, path: string): string {
  const { origin } = new URL(c.req.url);
  const url = URL.parse(path, origin);
  // Two slashes at the start would name a host: `/.//host` has such a path.
  return url?.origin === origin ? url.pathname.replace(/^\/+/, "/") + url.search : "/";
}
