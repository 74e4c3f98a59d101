/** Style sheet of the reference page: system fonts, light and dark, from a phone to a wide screen. */
export const STYLE = `
:root { color-scheme: light dark; --line: #8885; --soft: #8881; --link: light-dark(#0550ae, #79b8ff); }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 78rem; font: 16px/1.5 system-ui, sans-serif;
  color: light-dark(#1b1f24, #e6e8eb); background: light-dark(#fff, #14171b); }
h1 { margin: 0; font-size: 1.6rem; } h1 small { font-size: 1rem; font-weight: 400; }
h2 { font-size: 1.15rem; margin: 0 0 .5rem; overflow-wrap: anywhere; }
h3 { font-size: 1rem; margin: 1rem 0 .3rem; }
a { color: var(--link); }
code { font: .92em ui-monospace, monospace; overflow-wrap: anywhere; }
nav { border: 1px solid var(--line); border-radius: 8px; margin: 1rem 0; padding: .5rem; }
nav a { display: block; padding: .3rem .4rem; text-decoration: none; }
nav a:hover { background: var(--soft); }
nav span:last-child { color: inherit; opacity: .8; }
section { border-top: 1px solid var(--line); padding: 1.2rem 0; scroll-margin-top: 1rem; }
.method { display: inline-block; min-width: 4.2em; text-align: center; border-radius: 4px; padding: 0 .4em;
  font: 600 .8rem/1.6 ui-monospace, monospace; color: #fff; background: #0a5c8a; }
.method.post { background: #1a6e35; } .method.patch, .method.put { background: #875a05; }
.method.delete { background: #9f2b22; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .93rem; }
td { border-top: 1px solid var(--line); padding: .35rem .6rem .35rem 0; vertical-align: top; }
td:first-child { white-space: nowrap; }
.answer { border-left: 3px solid var(--line); padding: .1rem .7rem; margin: .25rem 0; }
.answer.success { border-color: #1a6e35; }
.answer i { opacity: .75; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
@media (min-width: 68rem) {
  body { display: grid; grid-template-columns: 22rem 1fr; gap: 0 2rem; align-items: start; }
  header { grid-column: 1 / -1; }
  nav { position: sticky; top: 1rem; max-height: calc(100vh - 2rem); overflow-y: auto; }
  nav span:last-child { display: block; font-size: .9rem; }
}
`;
