/** What all pages look like, those of `arcade login` too. Only texts, so that it loads fast. */

/** The mark beside the name. */
export const MARK =
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" aria-hidden="true">` +
  `<rect width="32" height="32" rx="8" fill="#3a49c9"/>` +
  `<path d="M8 24V16a8 8 0 0 1 16 0v8" fill="none" stroke="#fff" stroke-width="4" stroke-linecap="round"/></svg>`;

/**
 * The stylesheet, light and dark. Pages include it inline, and their policy allows it by its hash.
 */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ink: #191b23; --quiet: #5a6072; --paper: #f5f6f9; --card: #ffffff; --line: #dfe2ea;
  --accent: #3a49c9; --on-accent: #ffffff; --soft: #eceefb;
  --good: #17712f; --good-paper: #e6f4ea; --bad: #b42318; --bad-paper: #fdeceb;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #eceef4; --quiet: #a2a9bd; --paper: #12141b; --card: #1b1e28; --line: #333848;
    --accent: #a9b4ff; --on-accent: #12162f; --soft: #262b45;
    --good: #6fd58a; --good-paper: #16311f; --bad: #ffa8a0; --bad-paper: #3b1a18;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere;
}
header { border-bottom: 1px solid var(--line); background: var(--card); }
header > div {
  max-width: 48rem; margin: 0 auto; padding: .75rem 1.25rem;
  display: flex; flex-wrap: wrap; align-items: center; gap: .25rem 1.5rem;
}
.wordmark { display: flex; align-items: center; gap: .5rem; font-weight: 650; color: inherit; text-decoration: none; }
.wordmark svg { width: 1.4rem; height: 1.4rem; }
nav { display: flex; gap: 1.25rem; }
nav a { color: var(--quiet); text-decoration: none; padding: .2rem 0; border-bottom: 2px solid transparent; }
nav a:hover { color: var(--ink); }
nav a[aria-current] { color: var(--ink); border-color: var(--accent); }
main { max-width: 48rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
main.single { max-width: 28rem; padding-top: 8vh; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .5rem; letter-spacing: -.01em; }
h2 { font-size: 1.1rem; margin: 2rem 0 .75rem; }
h3 { font-size: 1rem; margin: 0; }
p { margin: .5rem 0; }
a { color: var(--accent); }
.quiet { color: var(--quiet); font-size: .9rem; }
.id, code, .user-code, pre { font-family: ui-monospace, monospace; }
.id { color: var(--quiet); font-size: .8rem; margin: .1rem 0 .5rem; }
.card, details.card {
  background: var(--card); border: 1px solid var(--line); border-radius: .75rem;
  padding: 1rem 1.25rem; margin: 0 0 .75rem;
}
.single .card { padding: 1.5rem; }
pre {
  background: var(--soft); border-radius: .5rem; padding: .6rem .8rem; margin: .5rem 0;
  font-size: .85rem; white-space: pre-wrap;
}
/* One click selects it, to copy it. */
.whole { user-select: all; }
section.card h2 { margin: 0; }
summary { cursor: pointer; font-weight: 600; }
summary .quiet { font-weight: normal; }
.project { border-top: 1px solid var(--line); margin-top: 1rem; padding-top: 1rem; }
.mark {
  color: var(--quiet); background: var(--soft); border-radius: 1rem;
  padding: .1rem .55rem; font-size: .75rem; font-weight: normal; vertical-align: middle;
}
.note { border-radius: .5rem; padding: .6rem .8rem; margin: .75rem 0; }
.problem { color: var(--bad); background: var(--bad-paper); }
.success { color: var(--good); background: var(--good-paper); }
.good { color: var(--good); }
.bad { color: var(--bad); font-weight: 600; }
p.user-code { font-size: 1.75rem; letter-spacing: .12em; margin: 1rem 0; text-align: center; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; margin: .5rem 0 1rem; }
caption { text-align: left; color: var(--quiet); font-size: .9rem; padding-bottom: .25rem; }
thead th { color: var(--quiet); font-weight: 500; }
th, td {
  text-align: left; vertical-align: baseline; padding: .4rem .75rem .4rem 0; border-top: 1px solid var(--line);
  overflow-wrap: break-word;
}
tbody th { font-weight: normal; }
td.action, th.action { text-align: right; padding-right: 0; }
time { white-space: nowrap; }
.accounts { display: grid; gap: .5rem; margin: 1rem 0; }
.choice {
  display: flex; gap: .7rem; align-items: center; margin: 0; cursor: pointer;
  border: 1px solid var(--line); border-radius: .5rem; padding: .6rem .8rem;
}
.choice:has(:checked) { border-color: var(--accent); background: var(--soft); }
/* The e-mail is asked for only when it counts. */
form:has(input[type=radio][value=new]:not(:checked)) .new-account { display: none; }
input[type=radio] { accent-color: var(--accent); }
label { display: block; margin: .75rem 0 .25rem; font-weight: 500; }
.choice { font-weight: normal; }
input:not([type=radio], [type=hidden]) {
  width: 100%; font: inherit; color: inherit; background: var(--card);
  border: 1px solid var(--quiet); border-radius: .5rem; padding: .5rem .7rem;
}
input.user-code { text-align: center; letter-spacing: .12em; font-size: 1.25rem; }
.inline { display: flex; flex-wrap: wrap; gap: .6rem; align-items: center; margin-top: .75rem; }
.inline label { margin: 0; }
.inline input:not([type=hidden]) { flex: 1 1 12rem; width: auto; }
.buttons { display: flex; flex-wrap: wrap; gap: .75rem; margin-top: 1.25rem; align-items: center; }
button {
  font: inherit; font-weight: 600; cursor: pointer; border-radius: .5rem; padding: .5rem 1.1rem;
  color: var(--on-accent); background: var(--accent); border: 1px solid var(--accent);
}
button:hover { filter: brightness(1.08); }
button.secondary { color: var(--ink); background: transparent; border-color: var(--quiet); font-weight: normal; }
button.danger { color: var(--bad); background: transparent; border-color: var(--bad); }
a.remove { color: var(--quiet); font-size: .85rem; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
/* On a phone, each row is a small card of its own. */
@media (max-width: 40rem) {
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  table, caption, tbody, tr, th, td { display: block; }
  tbody tr { border: 1px solid var(--line); border-radius: .5rem; padding: .5rem .75rem; margin-bottom: .5rem; background: var(--card); }
  th, td, td.action { border: 0; padding: .1rem 0; text-align: left; }
  td:empty { display: none; }
}
`;
