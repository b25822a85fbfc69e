import { escapeHtml } from "../../text/html.ts";
import { MARK, STYLE } from "../../local/pages/style.ts";

/** The result of a login: what succeeded, or why it failed, as a sentence without its period. */
export type LoginOutcome =
  | { readonly kind: "success"; readonly what: string }
  | { readonly kind: "failure"; readonly reason: string };

/** The page that shows the result of the login in the browser. */
export function resultPage(outcome: LoginOutcome): string {
  const [title, text] = outcome.kind === "success"
    ? ["You are logged in", `${outcome.what}. You can close this window.`]
    : ["Login failed", `${outcome.reason}. Return to the terminal to see what to do next.`];
  const kind = outcome.kind === "success" ? "success" : "problem";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} – Arcade</title>
<style>${STYLE}</style>
</head>
<body>
<main class="single">
<p class="wordmark">${MARK} Arcade</p>
<div class="card"><h1>${escapeHtml(title)}</h1><p class="note ${kind}">${escapeHtml(text)}</p></div>
</main>
</body>
</html>
`;
}
