/** The style of all pages, including those of `arcade login`. Only texts, so that it loads fast. */

/** The logo next to the name. */
export const MARK =
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" aria-hidden="true">` +
  `<rect width="32" height="32" rx="8" fill="#3a49c9"/>` +
  `<path d="M8 24V16a8 8 0 0 1 16 0v8" fill="none" stroke="#fff" stroke-width="4" stroke-linecap="round"/></svg>`;

/**
 * The stylesheet, light and dark. Pages include it inline, and their policy allows it by its hash.
 *
 * Distances are .25, .5, .75, 1, 1.5, 2 and 3rem. Everything that can be pressed is at least 1.75rem high.
 */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ink: #1a1d27; --quiet: #5a6173; --paper: #f6f7f9; --card: #ffffff; --line: #e2e5ec; --rim: #bdc3d0; --edge: #858c9f;
  --accent: #3a49c9; --on-accent: #ffffff; --soft: #f0f1f7; --chosen: #eceefb;
  --good: #17712f; --good-paper: #e4f4e9; --bad: #b42318; --bad-paper: #fdeceb;
  --warn: #7d4e00; --warn-paper: #fdf0d5;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e9ebf2; --quiet: #a1a8bb; --paper: #11131a; --card: #191c25; --line: #2d3240; --rim: #4a5165; --edge: #737b90;
    --accent: #a9b4ff; --on-accent: #12162f; --soft: #222633; --chosen: #262b45;
    --good: #6fd58a; --good-paper: #16311f; --bad: #ffa8a0; --bad-paper: #3b1a18;
    --warn: #f2c063; --warn-paper: #38290e;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: .9375rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere;
}
header { border-bottom: 1px solid var(--line); background: var(--card); }
header > div {
  max-width: 80rem; margin: 0 auto; padding: .5rem 1.5rem;
  display: flex; flex-wrap: wrap; align-items: center; gap: .25rem 1.5rem;
}
.wordmark {
  display: flex; align-items: center; gap: .5rem; padding: .25rem 0;
  font-weight: 650; color: inherit; text-decoration: none;
}
.wordmark svg { width: 1.4rem; height: 1.4rem; }
header nav { display: flex; gap: 1.25rem; }
header nav a { color: var(--quiet); text-decoration: none; padding: .25rem 0; border-bottom: 2px solid transparent; }
header nav a:hover { color: var(--ink); }
header nav a[aria-current] { color: var(--ink); border-color: var(--accent); }
main { max-width: 80rem; margin: 0 auto; padding: 1.5rem 1.5rem 4rem; }
main.single { max-width: 30rem; padding-top: 8vh; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .5rem; letter-spacing: -.01em; }
h2 { font-size: 1.0625rem; line-height: 1.4; margin: 2rem 0 .75rem; }
h3 { font-size: .9375rem; margin: 0; }
p { margin: .5rem 0; max-width: 46rem; }
ul { margin: .5rem 0; padding-left: 1.25rem; }
a { color: var(--accent); text-underline-offset: .15em; }
.quiet { color: var(--quiet); font-size: .875rem; }
.id, code, .user-code, pre, textarea.code { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
code { font-size: .9em; }
.id { color: var(--quiet); font-size: .8125rem; margin: .25rem 0; }
/* The way to a page, above its heading. */
.crumbs ol { display: flex; flex-wrap: wrap; gap: .25rem .5rem; margin: 0 0 .5rem; padding: 0; list-style: none; font-size: .875rem; }
.crumbs li { display: flex; gap: .5rem; align-items: baseline; color: var(--quiet); }
.crumbs li:not(:last-child)::after { content: "/" / ""; }
.crumbs a { color: var(--quiet); padding: .1rem 0; }
.crumbs a:hover { color: var(--ink); }
/* A heading, what belongs to it, and at the other end what can be done. */
.head { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem .75rem; }
.head > :is(h1, h2, h3) { margin: 0; }
.head > .end { display: flex; align-items: center; gap: .75rem; margin-left: auto; }
.card, details.card {
  background: var(--card); border: 1px solid var(--line); border-radius: .625rem;
  padding: 1rem 1.25rem; margin: 0 0 1rem;
}
.single .card { padding: 1.5rem; }
.card > :first-child { margin-top: 0; }
.card > :last-child { margin-bottom: 0; }
.card h2 { margin: 0; }
.single h2 { margin: 1.25rem 0 .5rem; }
.single form + p { margin-top: 1.25rem; }
.count { color: var(--quiet); font-size: .875rem; font-variant-numeric: tabular-nums; font-weight: normal; }
/* The parts of a page. */
.parts { display: flex; flex-wrap: wrap; gap: .25rem .5rem; margin: 1rem 0; padding: 0; list-style: none; }
.parts a {
  display: block; padding: .25rem .75rem; border: 1px solid var(--line); border-radius: 1rem;
  background: var(--card); color: var(--ink); text-decoration: none; font-size: .875rem;
}
.parts a:hover { border-color: var(--edge); }
/* One of several things in a card. */
.entry { border-top: 1px solid var(--line); padding: .75rem 0; }
.head + .entry { border-top: 0; }
.facts { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; margin: .5rem 0 1rem; font-size: .875rem; }
.facts div { display: flex; gap: .5rem; align-items: baseline; }
.facts dt { color: var(--quiet); }
.facts dd { margin: 0; }
pre {
  background: var(--soft); border-radius: .5rem; padding: .5rem .75rem; margin: .5rem 0;
  font-size: .8125rem; line-height: 1.6; white-space: pre-wrap;
}
/* One click selects it, to copy it. */
.whole { user-select: all; }
summary { cursor: pointer; font-weight: 600; padding: .125rem 0; }
summary .quiet { font-weight: normal; }
details.more { margin-top: .75rem; }
details.more > summary { color: var(--accent); font-weight: 500; font-size: .875rem; width: fit-content; }
.mark {
  display: inline-block; color: var(--quiet); background: var(--soft); border-radius: 1rem; white-space: nowrap;
  padding: .0625rem .5rem; font-size: .75rem; line-height: 1.5; font-weight: 500; letter-spacing: 0; vertical-align: middle;
}
.mark.good { color: var(--good); background: var(--good-paper); }
.mark.bad { color: var(--bad); background: var(--bad-paper); font-weight: 500; }
.mark.missing { color: var(--warn); background: var(--warn-paper); }
.note { border-radius: .5rem; padding: .5rem .75rem; margin: .75rem 0; }
.problem { color: var(--bad); background: var(--bad-paper); }
.success { color: var(--good); background: var(--good-paper); }
.good { color: var(--good); }
.bad { color: var(--bad); font-weight: 600; }
p.user-code { font-size: 1.75rem; letter-spacing: .12em; margin: 1rem 0; text-align: center; }
table { border-collapse: collapse; width: 100%; font-size: .875rem; margin: .5rem 0; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--quiet); padding-bottom: .25rem; }
caption:has(.hidden) { padding: 0; }
thead th { color: var(--quiet); font-weight: 500; font-size: .8125rem; border: 0; white-space: nowrap; }
th, td {
  text-align: left; vertical-align: baseline; padding: .4rem 1rem .4rem 0; border-top: 1px solid var(--line);
  overflow-wrap: break-word;
}
th:last-child, td:last-child { padding-right: 0; }
/* A name can be one long word. */
tbody th { font-weight: normal; overflow-wrap: anywhere; min-width: 12rem; }
.head > * { min-width: 0; }
.buttons > a { padding: .125rem 0; }
tbody th > a { font-weight: 500; }
th.number, td.number { text-align: right; width: 6.5rem; }
td.action, th.action { text-align: right; }
td form { display: inline; }
time { white-space: nowrap; }
.none { color: var(--quiet); }
.time-bar { display: block; width: 6rem; height: .375rem; fill: var(--accent); }
.time-bar .all { fill: var(--line); }
td:has(.time-bar) { vertical-align: middle; }
.accounts { display: grid; gap: .5rem; margin: 1rem 0; }
.choice {
  display: flex; gap: .75rem; align-items: center; margin: 0; cursor: pointer;
  border: 1px solid var(--line); border-radius: .5rem; padding: .5rem .75rem;
}
.choice:hover { border-color: var(--edge); }
.choice:has(:checked) { border-color: var(--accent); background: var(--chosen); }
/* The e-mail field is shown only when it is needed. */
form:has(input[type=radio][value=new]:not(:checked)) .new-account { display: none; }
:is(input[type=radio], input[type=checkbox]) { accent-color: var(--accent); width: 1rem; height: 1rem; margin: 0; flex: none; }
label { display: block; margin: .75rem 0 .25rem; font-weight: 500; }
.choice { font-weight: normal; }
:is(input:not([type=radio], [type=checkbox], [type=hidden]), select, textarea) {
  width: 100%; font: inherit; color: inherit; background: var(--card);
  border: 1px solid var(--edge); border-radius: .375rem; padding: .375rem .625rem;
}
:is(input, select, textarea)[aria-invalid=true] { border-color: var(--bad); }
textarea { resize: vertical; }
textarea.code { font-size: .8125rem; }
::placeholder { color: var(--quiet); opacity: 1; }
input.user-code { text-align: center; letter-spacing: .12em; font-size: 1.25rem; }
/* A field with its label above it, and what is said of it below. */
.field { margin: 0 0 .75rem; padding: 0; border: 0; min-width: 0; }
.field > label, .field > legend { margin: 0 0 .25rem; padding: 0; font-weight: 500; }
.field > p { margin: .25rem 0 0; }
.field-problem { color: var(--bad); font-size: .875rem; }
.required { color: var(--quiet); font-size: .8125rem; font-weight: normal; }
.boxes { display: flex; flex-wrap: wrap; gap: .25rem 1rem; }
.boxes label { display: flex; gap: .5rem; align-items: center; margin: 0; padding: .125rem 0; font-weight: normal; }
.inline { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; margin: .75rem 0 0; max-width: 46rem; }
.inline label { margin: 0; font-size: .875rem; }
.inline :is(input:not([type=hidden], [type=checkbox]), select) { flex: 1 1 10rem; width: auto; min-width: 0; }
.inline[role=search] { margin: 1rem 0; }
.buttons { display: flex; flex-wrap: wrap; gap: .5rem .75rem; margin-top: 1rem; align-items: center; }
button {
  font: inherit; font-weight: 600; cursor: pointer; border-radius: .375rem; padding: .375rem .875rem;
  color: var(--on-accent); background: var(--accent); border: 1px solid var(--accent);
}
button:hover { filter: brightness(1.08); }
button.secondary { color: var(--ink); background: var(--card); border-color: var(--rim); font-weight: 500; }
button.secondary:hover { background: var(--soft); filter: none; }
button.danger { color: var(--bad); background: transparent; border-color: var(--bad); }
button.danger:hover { background: var(--bad-paper); filter: none; }
button.small { font-size: .8125rem; padding: .1875rem .625rem; }
button.link {
  color: var(--accent); background: none; border: 0; padding: .125rem 0; font-weight: normal;
  text-decoration: underline; text-underline-offset: .15em;
}
a.remove { color: var(--quiet); font-size: .8125rem; display: inline-block; padding: .25rem 0; margin: -.25rem 0; }
a.remove:hover { color: var(--bad); }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
@media (hover: hover) { tbody tr:hover { background: color-mix(in srgb, var(--soft) 50%, transparent); } }
/* On a phone, each row is a separate card, and cells have the names of their columns. */
@media (max-width: 40rem) {
  header > div, main { padding-left: 1rem; padding-right: 1rem; }
  .card, details.card { padding: .75rem 1rem; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  table, caption, tbody, th, td { display: block; }
  tbody tr {
    display: flex; flex-wrap: wrap; gap: .125rem 1rem; align-items: baseline;
    border-top: 1px solid var(--line); padding: .5rem 0;
  }
  th, td, td.action, td.number {
    border: 0; padding: 0; text-align: left; width: auto; min-width: 0; overflow-wrap: anywhere;
  }
  .card > table:first-child tbody tr:first-child { border-top: 0; padding-top: 0; }
  tbody th { order: -1; flex: 1 0 100%; }
  td:empty, td.none, td:has(.time-bar) { display: none; }
  td.action { margin-left: auto; }
  td[data-label]::before { content: attr(data-label) " "; color: var(--quiet); }
  .inline label { flex: 1 0 100%; }
  summary, button.small, button.link, .crumbs a { padding-top: .25rem; padding-bottom: .25rem; }
}
`;
