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
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)} – Arcade</title>
<style>
  :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
  body { display: grid; min-height: 90vh; place-items: center; margin: 0 1rem; }
  main { max-width: 32rem; border-top: .4rem solid ${
    outcome.kind === "success" ? "#1a7f37" : "#cf222e"
  }; padding: 1rem 0; }
  h1 { font-size: 1.5rem; margin: 0; }
</style>
</head>
<body><main><h1>${escapeHtml(title)}</h1><p>${escapeHtml(text)}</p></main></body>
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
