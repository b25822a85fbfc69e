/**
 * Who may use the pages: the user of the terminal that this server was started in. Every user of the machine can reach
 * the port, and only one of them sees the address and the code that the terminal shows. Whoever brings one of them gets
 * a cookie, and is not asked again.
 */

import { type Context, Hono } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { isFromElsewhere } from "../guard.ts";
import { formBody, type Services } from "../http.ts";
import { hashOf, normalizedUserCode, randomOpaque, randomUserCode } from "../model/opaque.ts";
import { show } from "./layout.ts";
import { codePage, continuePage } from "./sign_in.ts";

/** Where the code from the terminal goes. */
const CODE_PATH = "/access";
const COOKIE_SECONDS = 30 * 24 * 60 * 60;
/** A code has 20^8 values: at this rate it is not guessed within a lifetime. */
const WRONG_CODES = 10;
const WRONG_CODES_MS = 60_000;

export class PageAccess {
  /** Whether everybody who reaches the port may use the pages. */
  readonly isOpen: boolean;
  /** For the terminal: lets any browser in, as often as it is typed. */
  readonly code = randomUserCode();
  readonly #now: () => Date;
  /** In memory only: a restart asks every browser again. */
  readonly #session = randomOpaque("arcl_ps_");
  #token: string | undefined = randomOpaque("", 16);
  #wrongCodes: number[] = [];

  constructor(options: { isOpen: boolean; now: () => Date }) {
    this.isOpen = options.isOpen;
    this.#now = options.now;
  }

  /** For the terminal: the address that lets one browser in. */
  address(url: string): string {
    return this.isOpen ? url : `${url}/?${new URLSearchParams({ token: this.#token ?? "" })}`;
  }

  /** Whether a request comes from a browser that was let in. */
  admits(c: Context): boolean {
    const session = getCookie(c, cookieName(c)) ?? "";
    // Hashes tell by their time nothing about how much was right.
    return this.isOpen || hashOf(session) === hashOf(this.#session);
  }

  /** Lets a browser in by the token of the address, once. */
  admitByToken(c: Context, token: string): void {
    if (this.#token === undefined || hashOf(token) !== hashOf(this.#token)) return;
    this.#token = undefined;
    this.#setCookie(c);
  }

  /** Lets a browser in by the code; else says why not. */
  admitByCode(c: Context, typed: string): "admitted" | "wrong" | "too-many" {
    const now = this.#now().getTime();
    this.#wrongCodes = this.#wrongCodes.filter((time) => time > now - WRONG_CODES_MS);
    if (this.#wrongCodes.length >= WRONG_CODES) return "too-many";
    if (hashOf(normalizedUserCode(typed)) !== hashOf(this.code)) {
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

/** Keeps everybody else away from these pages, and offers to type the code. Goes before the routes of the pages. */
export function pageAccessRoutes(
  { access }: Pick<Services, "access">,
  pages: readonly string[],
): Hono {
  const app = new Hono();

  for (const path of pages) {
    app.use(path, async (c, next) => {
      const wanted = c.req.path + new URL(c.req.url).search;
      // Nothing is written, and no cookie looked at, before the user acts on a page of ours.
      if (isFromElsewhere(c.req.raw)) return show(c, continuePage(wanted));
      const token = c.req.query("token");
      if (path === "/" && c.req.method === "GET" && token !== undefined) {
        access.admitByToken(c, token);
        return c.redirect("/", 303);
      }
      if (access.admits(c)) return await next();
      const page = codePage({ action: CODE_PATH, next: c.req.method === "GET" ? wanted : "/" });
      return show(c, page, { status: 403 });
    });
  }

  app.post(CODE_PATH, async (c) => {
    const form = await formBody(c);
    const next = ownPath(c, form.get("next") ?? "");
    const result = access.admitByCode(c, form.get("code") ?? "");
    if (result === "admitted") return c.redirect(next, 303);
    const isWrong = result === "wrong";
    const problem = isWrong
      ? "Wrong code. Use the one that the terminal shows."
      : "Too many wrong codes. Wait a minute, or open the address that the terminal shows.";
    return show(c, codePage({ action: CODE_PATH, next, problem }), { status: isWrong ? 403 : 429 });
  });

  return app;
}

/** Cookies know hosts and no ports, so several local Arcades need several names. */
function cookieName(c: Context): string {
  return `arcade_local_${new URL(c.req.url).port}`;
}

/** A path with its query on this server, whatever was sent as one. */
function ownPath(c: Context, path: string): string {
  const { origin } = new URL(c.req.url);
  const url = URL.parse(path, origin);
  return url?.origin === origin ? url.pathname + url.search : "/";
}
