/**
 * The stylesheet, light and dark. Pages include it inline, and their policy allows it by its hash.
 */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ink: #1b1c21; --quiet: #5c606b; --paper: #f6f6f8; --card: #ffffff; --line: #d9dbe1;
  --accent: #b3123f; --on-accent: #ffffff; --warn: #a4190f; --warn-paper: #fdecea;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #ececf0; --quiet: #a3a7b3; --paper: #141519; --card: #1d1f25; --line: #363943;
    --accent: #ff6f91; --on-accent: #24060e; --warn: #ffb4a9; --warn-paper: #3a1714;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere;
}
main { max-width: 46rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .5rem; }
h2 { font-size: 1.15rem; margin: 2rem 0 .75rem; }
h3 { font-size: 1.05rem; margin: 0; }
h4 { font-size: 1rem; margin: 0; }
p { margin: .5rem 0; }
a { color: var(--accent); }
.quiet, caption { color: var(--quiet); font-size: .9rem; }
.id, code, .user-code { font-family: ui-monospace, monospace; }
.id { color: var(--quiet); font-size: .8rem; margin: .1rem 0 .75rem; }
.card {
  background: var(--card); border: 1px solid var(--line); border-radius: .6rem;
  padding: 1.1rem 1.25rem; margin: 0 0 1rem;
}
.project { border-top: 1px solid var(--line); padding: 1rem 0; }
.mark {
  color: var(--quiet); border: 1px solid var(--line); border-radius: 1rem;
  padding: .05rem .5rem; font-size: .75rem; font-weight: normal; vertical-align: middle;
}
.problem {
  color: var(--warn); background: var(--warn-paper); border-left: 3px solid;
  padding: .5rem .75rem;
}
.key { background: var(--card); border: 1px solid var(--line); border-radius: .4rem; padding: .75rem; }
p.user-code { font-size: 1.75rem; letter-spacing: .1em; margin: 1rem 0; }
.scroll { overflow-x: auto; margin: .5rem 0 1rem; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
caption { text-align: left; padding-bottom: .25rem; }
thead th, time { white-space: nowrap; }
th, td { text-align: left; vertical-align: baseline; padding: .35rem .75rem .35rem 0; border-top: 1px solid var(--line); }
tbody th { font-weight: normal; }
/* Every column is seen without scrolling, however long an id is. */
.events { table-layout: fixed; min-width: 38rem; font-size: .8rem; }
.events th:nth-child(4) { width: 24%; }
.events time { white-space: normal; }
.refused { color: var(--warn); font-weight: 600; }
fieldset { border: 1px solid var(--line); border-radius: .6rem; padding: .75rem 1.25rem 1rem; margin: 1rem 0; }
legend { padding: 0 .4rem; color: var(--quiet); }
label { display: block; margin: .5rem 0 .25rem; }
/* The e-mail is asked for only when it counts. */
fieldset:has(input[type=radio][value=new]:not(:checked)) .new-account { display: none; }
input[type=radio] { accent-color: var(--accent); }
.choice { display: flex; gap: .6rem; align-items: baseline; }
input:not([type=radio]) {
  width: 100%; font: inherit; color: inherit; background: var(--card);
  border: 1px solid var(--quiet); border-radius: .4rem; padding: .5rem .7rem;
}
.inline { display: flex; flex-wrap: wrap; gap: .6rem; align-items: center; }
.inline label { margin: 0; }
.inline input:not([type=radio]) { flex: 1 1 12rem; width: auto; }
.buttons { display: flex; gap: .75rem; margin-top: 1rem; }
button {
  font: inherit; font-weight: 600; cursor: pointer; border-radius: .4rem; padding: .5rem 1.1rem;
  color: var(--on-accent); background: var(--accent); border: 1px solid var(--accent);
}
button.secondary { color: var(--ink); background: transparent; border-color: var(--quiet); font-weight: normal; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
`;
