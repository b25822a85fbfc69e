/** What the page of a server looks like, in addition to the style of all pages. */
export const SERVER_STYLE = `
:root {
  --warn: #8a5300; --warn-paper: #fdf1dc; --red: #b42318; --green: #17712f; --yellow: #7a5a00;
  --blue: #2b51c4; --magenta: #9a2d9a; --cyan: #0b6a78;
}
@media (prefers-color-scheme: dark) {
  :root {
    --warn: #f3c26b; --warn-paper: #38290f; --red: #ffa8a0; --green: #6fd58a; --yellow: #e8cf6a;
    --blue: #a3b4ff; --magenta: #eea6ee; --cyan: #74d3e0;
  }
}
main.wide { max-width: 80rem; padding-top: 1.25rem; }
body:has(main.wide) header > div { max-width: 80rem; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.state { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: start; gap: .25rem 1.5rem; }
.state > div { flex: 1 1 20rem; min-width: 0; }
.state .buttons { margin: .25rem 0 0; }
.state .note { flex-basis: 100%; margin: .25rem 0 0; }
.panes { display: grid; grid-template-columns: minmax(15rem, 22rem) minmax(0, 1fr); gap: 1rem; margin-top: 1rem; align-items: start; }
.tools, section.tool {
  background: var(--card); border: 1px solid var(--line); border-radius: .75rem; min-width: 0;
}
.tools { overflow: hidden; }
section.tool { padding: 1rem 1.25rem 1.25rem; }
.search { display: flex; gap: .5rem; padding: .6rem; border-bottom: 1px solid var(--line); }
.search input:not([type=hidden]) { flex: 1; width: auto; min-width: 0; }
#tools > p { padding: 0 .9rem; }
ul.list { list-style: none; margin: 0; padding: .3rem; max-height: 34rem; overflow-y: auto; }
.list a { display: block; color: inherit; text-decoration: none; padding: .45rem .6rem; border-radius: .5rem; }
.list a:hover { background: var(--paper); }
.list a[aria-current] { background: var(--soft); box-shadow: inset 3px 0 var(--accent); }
.list code { font-weight: 600; font-size: .9rem; }
.list a > .quiet {
  display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; font-size: .85rem;
}
.list .mark { float: right; margin-left: .4rem; }
.mark.good { background: var(--good-paper); color: var(--good); }
.mark.bad { background: var(--bad-paper); color: var(--bad); }
.mark.missing { background: var(--warn-paper); color: var(--warn); }
section.tool h2 { margin: 0; font-size: 1.15rem; }
section.tool h2:focus { outline: none; }
section.tool h3 { display: flex; flex-wrap: wrap; gap: .5rem; align-items: baseline; margin-top: 1.25rem; }
.description { white-space: pre-line; unicode-bidi: plaintext; }
.as { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; margin: .75rem 0; }
.as label { margin: 0; font-size: .9rem; }
.as input:not([type=hidden]) { flex: 0 1 20rem; width: auto; min-width: 8rem; padding: .25rem .6rem; font-size: .9rem; }
.as button, .search button, .needs button, .line button, .output button { padding: .3rem .8rem; font-size: .9rem; }
ul.needs { list-style: none; margin: .5rem 0; padding: 0; border: 1px solid var(--line); border-radius: .5rem; }
.needs > li { padding: .5rem .8rem; }
.needs > li + li { border-top: 1px solid var(--line); }
.needs p { margin: 0; }
.needs .inline, .needs .buttons { margin: .4rem 0 .2rem; gap: .5rem; }
.needs .inline label { font-weight: normal; font-size: .9rem; }
.needs .inline input:not([type=hidden]) { padding: .3rem .6rem; max-width: 24rem; }
.needs summary { font-weight: normal; font-size: .9rem; color: var(--quiet); }
.fields { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(15rem, 100%), 1fr)); gap: .9rem 1rem; margin-top: .9rem; }
.field { border: 0; padding: 0; margin: 0; min-width: 0; grid-column: 1 / -1; }
.field.short { grid-column: auto; }
.field label, .field legend { margin: 0 0 .25rem; padding: 0; font-weight: normal; }
.field label code, .field legend code { font-weight: 600; }
.field p { margin: .25rem 0 0; }
.required { color: var(--warn); font-size: .8rem; }
.field-problem { color: var(--bad); font-size: .9rem; }
textarea, select {
  width: 100%; font: inherit; color: inherit; background: var(--card);
  border: 1px solid var(--quiet); border-radius: .5rem; padding: .5rem .7rem;
}
textarea { resize: vertical; field-sizing: content; max-height: 24rem; display: block; }
textarea.code { font: .85rem/1.5 ui-monospace, monospace; min-height: 4.5rem; }
input::placeholder, textarea::placeholder { color: var(--quiet); opacity: 1; }
[aria-invalid] { border-color: var(--bad); box-shadow: 0 0 0 1px var(--bad); }
.boxes { display: flex; flex-wrap: wrap; gap: .25rem 1rem; }
.boxes label { display: flex; gap: .4rem; align-items: center; margin: 0; padding: .2rem 0; }
input[type=checkbox]:not([type=radio], [type=hidden]) { width: 1.1rem; height: 1.1rem; padding: 0; accent-color: var(--accent); }
.call .buttons { margin-top: 1rem; }
form[aria-busy=true] .go { opacity: .6; cursor: progress; }
.line, .output { position: relative; }
.line { margin-top: .75rem; }
.line pre, .output pre { margin: 0; max-height: 26rem; overflow: auto; unicode-bidi: plaintext; }
.line pre { max-height: 8rem; color: var(--quiet); padding-right: 5.5rem; }
.line button, .output button { position: absolute; top: .3rem; right: .3rem; background: var(--card); }
.output { margin-top: .5rem; }
.output pre.failed { color: var(--bad); background: var(--bad-paper); }
section.tool details { margin-top: .5rem; }
section.tool summary { font-weight: normal; font-size: .9rem; color: var(--quiet); }
section.tool details pre { max-height: 20rem; overflow: auto; }
.time-bar { display: inline-block; vertical-align: middle; width: 6rem; height: .4rem; margin-left: .5rem; fill: var(--accent); }
.time-bar .all { fill: var(--line); }
code.masked { color: var(--quiet); font-size: .8rem; }
#calls form { display: inline; }
#calls td.action { white-space: nowrap; }
button.link {
  color: var(--accent); background: none; border: 0; padding: 0; font-weight: normal; text-decoration: underline; margin-left: .75rem;
}
pre.log { max-height: 28rem; overflow: auto; background: var(--card); border: 1px solid var(--line); line-height: 1.45; }
.log-line { display: block; unicode-bidi: plaintext; }
.sgr-bold { font-weight: 700; } .sgr-dim { opacity: .8; } .sgr-italic { font-style: italic; }
.sgr-underline { text-decoration: underline; } .sgr-quiet { color: var(--quiet); }
.sgr-red { color: var(--red); } .sgr-green { color: var(--green); } .sgr-yellow { color: var(--yellow); }
.sgr-blue { color: var(--blue); } .sgr-magenta { color: var(--magenta); } .sgr-cyan { color: var(--cyan); }
kbd { font: .8rem ui-monospace, monospace; border: 1px solid var(--line); border-radius: .25rem; padding: 0 .3rem; background: var(--card); }
@media (max-width: 52rem) {
  .panes { grid-template-columns: minmax(0, 1fr); }
  ul.list { max-height: 14rem; }
  .keys { display: none; }
  .time-bar { display: none; }
}
`;
