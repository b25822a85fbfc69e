/** The style of a server's page, in addition to the style of all pages. */
export const SERVER_STYLE = `
:root { --red: var(--bad); --green: var(--good); --yellow: #7a5a00; --blue: #2b51c4; --magenta: #9a2d9a; --cyan: #0b6a78; }
@media (prefers-color-scheme: dark) {
  :root { --yellow: #e8cf6a; --blue: #a3b4ff; --magenta: #eea6ee; --cyan: #74d3e0; }
}
#offline { position: sticky; top: .5rem; z-index: 1; max-width: none; }
.state { align-items: flex-start; margin-bottom: 1rem; }
.state > div { flex: 1 1 20rem; min-width: 0; }
.state p { max-width: none; margin: .25rem 0 0; }
.state .buttons { margin-top: .25rem; }
.state .note { flex-basis: 100%; margin: .5rem 0 0; }
/* The tools, and next to them the selected one. */
.panes { display: grid; grid-template-columns: minmax(15rem, 21rem) minmax(0, 1fr); gap: 1rem; align-items: start; }
.panes > .card { min-width: 0; }
.card.tools { padding: 0; overflow: hidden; }
form.search { display: flex; gap: .5rem; margin: 0; padding: .5rem; border-bottom: 1px solid var(--line); }
.search input:not([type=hidden]) { flex: 1; width: auto; min-width: 0; }
#tools > p { margin: .75rem; }
ul.list { list-style: none; margin: 0; padding: .25rem; max-height: 36rem; overflow-y: auto; }
.list a { display: block; color: inherit; text-decoration: none; padding: .375rem .625rem; border-radius: .375rem; }
.list a:hover { background: var(--soft); }
.list a[aria-current] { background: var(--chosen); }
.list .head { gap: .125rem .375rem; }
.list code { font-weight: 600; margin-right: auto; }
.list a > .quiet {
  display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden;
}
.server code { unicode-bidi: isolate; }
.tool .note { max-width: none; }
.tool h2:focus { outline: none; }
.tool h3 { display: flex; flex-wrap: wrap; gap: .25rem .5rem; align-items: baseline; margin-top: 1.5rem; }
.tool h3 .quiet { font-weight: normal; }
.description { white-space: pre-line; unicode-bidi: plaintext; margin: .5rem 0; }
.as { display: flex; gap: .5rem; align-items: center; margin: .75rem 0; max-width: 26rem; }
.as label { margin: 0; font-size: .875rem; white-space: nowrap; }
.as input:not([type=hidden]) { flex: 1 1 8rem; width: auto; min-width: 0; padding: .1875rem .625rem; font-size: .875rem; }
ul.needs { list-style: none; margin: .75rem 0 1rem; padding: 0; border: 1px solid var(--line); border-radius: .5rem; }
.needs > li { padding: .5rem .75rem; }
.needs > li + li { border-top: 1px solid var(--line); }
.needs p { margin: 0; max-width: none; }
.needs .inline, .needs .buttons { margin: .375rem 0 .25rem; gap: .5rem; max-width: 30rem; }
.needs summary, .tool .output ~ details > summary, .steps > summary { font-weight: normal; font-size: .875rem; color: var(--quiet); }
.fields {
  display: grid; grid-template-columns: repeat(auto-fill, minmax(min(14rem, 100%), 1fr)); gap: 1rem;
  align-items: start; margin-top: 1rem;
}
.fields .field { grid-column: 1 / -1; margin: 0; }
.fields .field.short { grid-column: auto; }
.fields :is(input:not([type=checkbox]), select) { height: 2.25rem; }
.field :is(label, legend) > .quiet { font-weight: normal; }
.field :is(label, legend) > code { font-weight: 600; }
textarea { field-sizing: content; max-height: 24rem; display: block; }
textarea.code { min-height: 4rem; }
form[aria-busy=true] .go { opacity: .6; cursor: progress; }
/* A text that can be copied. */
.line, .output { position: relative; }
.line { margin-top: 1rem; }
.line pre, .output pre { margin: .5rem 0 0; padding-right: 4.75rem; overflow: auto; unicode-bidi: plaintext; }
.line pre { max-height: 9rem; color: var(--quiet); }
.output pre { max-height: 28rem; }
.line button, .output button { position: absolute; top: .25rem; right: .375rem; }
.output pre.failed { color: var(--bad); background: var(--bad-paper); }
.tool details { margin-top: .5rem; }
.tool details pre { max-height: 20rem; overflow: auto; }
code.masked { color: var(--quiet); font-size: .8125rem; }
#calls button.link { margin-left: .75rem; }
#calls td.action { white-space: nowrap; }
#calls td.action :is(a, button) { display: inline-block; padding: .25rem 0; margin-top: -.25rem; margin-bottom: -.25rem; }
pre.log { max-height: 30rem; overflow: auto; margin: .75rem 0 0; }
.log-line { display: block; unicode-bidi: plaintext; }
.log-line > .quiet:first-child { font-size: inherit; }
.sgr-bold { font-weight: 700; } .sgr-italic { font-style: italic; } .sgr-underline { text-decoration: underline; }
.sgr-dim, .sgr-quiet { color: var(--quiet); }
.sgr-red { color: var(--red); } .sgr-green { color: var(--green); } .sgr-yellow { color: var(--yellow); }
.sgr-blue { color: var(--blue); } .sgr-magenta { color: var(--magenta); } .sgr-cyan { color: var(--cyan); }
kbd {
  font: .8125rem ui-monospace, monospace; border: 1px solid var(--line); border-radius: .25rem; padding: 0 .25rem;
  background: var(--card);
}
@media (max-width: 52rem) {
  .panes { grid-template-columns: minmax(0, 1fr); gap: 0; }
  ul.list { max-height: 14rem; }
  .list a { padding: .5rem .625rem; }
  .keys, td:has(.time-bar) { display: none; }
}
@media (max-width: 40rem) {
  .state .buttons { margin-left: 0; }
  .steps tbody tr, #calls tbody tr { display: flex; flex-wrap: wrap; gap: 0 .75rem; align-items: baseline; }
  .steps tbody th, #calls tbody th { flex-basis: 100%; }
  #calls tbody th { order: -1; }
}
`;
