/**
 * Shared by all pages. They are plain HTML, and work without scripts; everything that is inserted is escaped by
 * `html`.
 */

import { createHash } from "node:crypto";
import type { Context } from "hono";
import { html, raw } from "hono/html";
import { counted } from "../../text/prose.ts";
import { SERVER_STYLE } from "./server_style.ts";
import { MARK, STYLE } from "./style.ts";

export type Html = ReturnType<typeof html>;

/** The style sheets of pages as sources of a policy. */
const STYLES = [STYLE, SERVER_STYLE].map((style) =>
  `'sha256-${createHash("sha256").update(style).digest("base64")}'`
).join(" ");

/** The policy of a page with a script: it can load the script and send requests to this server, but never create HTML from text. */
const SCRIPT_POLICY =
  "script-src 'self'; connect-src 'self'; require-trusted-types-for 'script'; " +
  "trusted-types 'none'; ";

const ICON = `data:image/svg+xml,${encodeURIComponent(MARK)}`;

/** The pages in the header. */
const SECTIONS = [["/", "Projects"], ["/calls", "Calls"], ["/events", "Events"]] as const;
export type Section = typeof SECTIONS[number][0];

/**
 * Answers with a page. `formRedirects` are where a form on it ends up after redirects, which
 * Chromium holds against the `form-action` of the page.
 */
export function show(
  c: Context,
  page: Html,
  options: {
    status?: 200 | 400 | 403 | 404 | 422 | 429;
    formRedirects?: readonly string[];
    hasScript?: boolean;
  } = {},
): Response | Promise<Response> {
  const formActions = ["'self'", ...(options.formRedirects ?? []).map(source)];
  c.header(
    "content-security-policy",
    `default-src 'none'; style-src ${STYLES}; img-src data:; ` +
      (options.hasScript ? SCRIPT_POLICY : "") +
      `form-action ${formActions.join(" ")}; base-uri 'none'; frame-ancestors 'none'`,
  );
  return c.html(page, options.status ?? 200);
}

/**
 * The origin of a URL as a CSP source. CSP cannot name some hosts, such as an IPv6 address or any of an application's own
 * scheme; these become their whole scheme.
 */
function source(url: string): string {
  const { origin, hostname, protocol } = new URL(url);
  return /^https?:$/.test(protocol) && /^[\w.-]+$/.test(hostname) ? origin : protocol;
}

/**
 * A page of the dashboard, under the header that leads to the sections.
 *
 * @param options.script the path of a script, for the page of a server.
 */
export function dashboardLayout(
  title: string,
  section: Section | undefined,
  content: Html,
  { script }: { readonly script?: string } = {},
): Html {
  const links = SECTIONS.map(([path, name]) =>
    html`<a href="${path}" ${path === section ? raw('aria-current="true"') : ""}>${name}</a>`
  );
  return document(
    title,
    html`
      <header>
        <div>
          <a class="wordmark" href="/">${raw(MARK)} Local Arcade</a>
          <nav aria-label="Dashboard">${links}</nav>
        </div>
      </header>
      <main>${content}</main>
    `,
    script,
  );
}

/** The breadcrumbs of a page from the first one: path and name of each step. */
export function breadcrumbs(steps: readonly (readonly [path: string, name: string])[]): Html {
  return html`
    <nav class="crumbs" aria-label="Breadcrumb">
      <ol>
        ${steps.map(([path, name]) => html`<li><a href="${path}">${named(name)}</a></li>`)}
      </ol>
    </nav>
  `;
}

/** The breadcrumbs of a page about a project or a part of it. */
export function projectCrumbs(project: { readonly id: string; readonly name: string }): Html {
  return breadcrumbs([["/", "Projects"], [projectPath(project.id), project.name]]);
}

/** The path of the page of a project. */
export function projectPath(id: string): string {
  return `/projects/${id}`;
}

/** A page with one card: a question, or a result. */
export function cardLayout(title: string, content: Html): Html {
  return document(
    title,
    html`
      <main class="single">
        <p class="wordmark">${raw(MARK)} Local Arcade</p>
        <div class="card">
          <h1>${title}</h1>
          ${content}
        </div>
      </main>
    `,
  );
}

/** A name that a user chose. Its direction does not reorder the text around it. */
export function named(name: string): Html {
  return html`<bdi>${name}</bdi>`;
}

/** A time in UTC, to the second. `iso` is ISO 8601. */
export function timeMark(iso: string): Html {
  return html`<time datetime="${iso}">${iso.slice(0, 19).replace("T", " ")}</time>`;
}

/** How many items of a long list a page shows. */
export const SHOWN = 100;

/** The first items of a list as they are shown, and how many more there are. */
export function shown<T>(items: readonly T[], noun: string, show: (item: T) => Html): Html {
  return html`
    ${items.slice(0, SHOWN).map(show)}
    ${moreNote(items.length, noun)}
  `;
}

/** How many more items a list has than are shown. */
export function moreNote(count: number, noun: string): Html | "" {
  return count > SHOWN ? html`<p class="quiet">${counted(count - SHOWN, noun)} more.</p>` : "";
}

/** A part of a page, which its heading names. */
export function panel(title: string, { id, count, content }: {
  readonly id: string;
  /** The number of items in the part. */
  readonly count?: number | string | undefined;
  readonly content: Html;
}): Html {
  return html`
    <section class="card" id="${id}" aria-labelledby="${id}-title">
      <div class="head">
        <h2 id="${id}-title">${title}</h2>
        ${count === undefined ? "" : html`<span class="count">${count}</span>`}
      </div>
      ${content}
    </section>
  `;
}

/** A table with a row for each item. The heading of a column of numbers is `{ number: heading }`. */
export function table<T>(items: readonly T[], { caption, headings, action, noun, row }: {
  readonly caption: Html;
  readonly headings: readonly (string | { readonly number: string })[];
  /** The heading of a last column with links. */
  readonly action?: string;
  /** What an item is. */
  readonly noun: string;
  readonly row: (item: T) => Html;
}): Html {
  return html`
    <table>
      <caption>${caption}</caption>
      <thead>
        <tr>
          ${headings.map((heading) =>
            typeof heading === "string"
              ? html`<th scope="col">${heading}</th>`
              : html`<th scope="col" class="number">${heading.number}</th>`
          )}
          ${action === undefined
            ? ""
            : html`<th scope="col" class="action"><span class="hidden">${action}</span></th>`}
        </tr>
      </thead>
      <tbody>
        ${items.slice(0, SHOWN).map(row)}
      </tbody>
    </table>
    ${moreNote(items.length, noun)}
  `;
}

/** A page with the result of an action. `hasBack`: whether it links to the dashboard. */
export function messagePage(
  title: string,
  text: string,
  kind: "success" | "problem" | "neutral" = "neutral",
  { hasBack = false }: { readonly hasBack?: boolean } = {},
): Html {
  const content = kind === "neutral"
    ? html`<p>${text}</p>`
    : html`<p class="note ${kind}" role="${kind === "problem" ? "alert" : "status"}">${text}</p>`;
  const back = hasBack ? html`<p><a href="/">Back to the projects</a></p>` : "";
  return cardLayout(title, html`${content}${back}`);
}

/** A problem with the input. */
export function problemNote(problem: string | undefined): Html | "" {
  return problem === undefined ? "" : html`<p class="note problem" role="alert">${problem}</p>`;
}

function document(title: string, body: Html, script?: string): Html {
  return html`
    <!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>${title}</title>
        <link rel="icon" href="${ICON}">
        ${raw(`<style>${STYLE}</style>`)}
        ${script === undefined ? "" : html`
          ${raw(`<style>${SERVER_STYLE}</style>`)}
          <script src="${script}" defer></script>
        `}
      </head>
      <body>${body}</body>
    </html>
  `;
}
