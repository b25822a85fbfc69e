/** The result of a login. */
export type LoginOutcome =
  | { readonly kind: "success"; readonly email: string }
  | { readonly kind: "failure"; readonly reason: string };

/** The page that shows the result of the login in the browser. */
export function resultPage(outcome: LoginOutcome): string {
  const [title, text] = outcome.kind === "success"
    ? [
      "You are logged in",
      `${outcome.email} is logged in to the Arcade command line. You can close this window.`,
    ]
    : ["Login failed", `${outcome.reason}. Return to the terminal to see what to do next.`];
  const [color, dark] = outcome.kind === "success"
    ? ["#1a7f37", "#6fd58a"]
    : ["#b42318", "#ffa8a0"];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} – Arcade</title>
<style>
  :root { color-scheme: light dark; --ink: #191b23; --paper: #f5f6f9; --card: #fff; --line: #dfe2ea; --tone: ${color}; }
  @media (prefers-color-scheme: dark) {
    :root { --ink: #eceef4; --paper: #12141b; --card: #1b1e28; --line: #333848; --tone: ${dark}; }
  }
  body { margin: 0; padding: 8vh 1.25rem 2rem; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
  main { max-width: 25.5rem; margin: 0 auto; }
  .card { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1.5rem; }
  .name { font-weight: 650; }
  h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .5rem; color: var(--tone); }
  p { margin: .5rem 0; }
</style>
</head>
<body><main><p class="name">Arcade</p><div class="card"><h1>${escapeHtml(title)}</h1><p>${
    escapeHtml(text)
  }</p></div></main></body>
</html>
`;
}

function escapeHtml(text: string): string {
  const entities: Record<string, string> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? "");
}
