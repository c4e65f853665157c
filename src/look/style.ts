/**
 * The look of every page that a person sees: the broker's, the demo server's, the walk's. Colours are custom properties, by
 * what they are for; light or dark as the person has it. Each text has 4.5:1 on its ground, each border of a control 3:1 (WCAG
 * 2.2 AA, 1.4.3 and 1.4.11).
 */
const COLOURS = `
:root { color-scheme: light dark; --ground: #f7f5f1; --paper: #fff; --sunk: #f3f0ea; --ink: #1f1c18; --soft: #635d53;
  --line: #e3ded4; --edge: #8a8377; --accent: #0d5c52; --on-accent: #fff; --good: #14703f; --bad: #a5280f; --warn: #fbf1d6;
  --warn-edge: #a86f00; --shade: rgb(60 50 30 / 9%); }
@media (prefers-color-scheme: dark) {
  :root { --ground: #141311; --paper: #1d1b18; --sunk: #272420; --ink: #edeae4; --soft: #b1aa9e; --line: #38342e; --edge: #8b8478;
    --accent: #7fd3c0; --on-accent: #0d1715; --good: #6fd79c; --bad: #ff9d85; --warn: #342b12; --warn-edge: #d9a520;
    --shade: rgb(0 0 0 / 40%); }
}
`;

/** What all pages are made of. */
export const STYLE = `${COLOURS}
* { box-sizing: border-box; }
html { --text: system-ui, -apple-system, "Segoe UI", "Open Sans", sans-serif;
  --code: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
  scroll-behavior: smooth; scroll-padding-top: 1rem; -webkit-text-size-adjust: 100%; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body { margin: 0; min-height: 100vh; display: flex; flex-direction: column; background: var(--ground); color: var(--ink);
  font: 1.0625rem/1.6 var(--text); overflow-wrap: anywhere; }
header { padding: 1.25rem 1.5rem; }
.skip { position: absolute; top: .5rem; left: .5rem; z-index: 1; }
.skip:not(:focus) { width: 1px; height: 1px; padding: 0; overflow: hidden; clip-path: inset(50%); }
main:focus { outline: none; }
.brand { display: inline-flex; gap: .6rem; align-items: center; color: inherit; font-weight: 650; text-decoration: none; }
.brand svg { width: 1.6rem; height: 1.6rem; fill: var(--accent); }
.brand svg path + path { fill: none; stroke: var(--ground); stroke-width: 3.2; stroke-linecap: round; stroke-linejoin: round; }
.brand svg circle { fill: var(--ground); }
main { width: 100%; }
.card main { max-width: 30rem; margin: auto; padding: 2.25rem 2rem; background: var(--paper); border: 1px solid var(--line);
  border-radius: 1rem; box-shadow: 0 1rem 3rem var(--shade); }
.card::after { content: ""; height: 4.1rem; }
.column main { max-width: 46rem; margin: 0 auto; padding: 1.5rem 1.5rem 5rem; }
h1 { margin: 0 0 .6rem; font-size: 1.5rem; line-height: 1.25; letter-spacing: -.012em; text-wrap: balance; }
.column h1 { font-size: clamp(1.75rem, 5vw, 2.4rem); line-height: 1.15; letter-spacing: -.022em; }
h2 { margin: 0 0 .5rem; font-size: 1.25rem; line-height: 1.3; letter-spacing: -.01em; }
h3 { margin: 1.5rem 0 .3rem; font-size: 1rem; line-height: 1.4; }
p { margin: 0 0 .8rem; text-wrap: pretty; }
p:last-child { margin-bottom: 0; }
ul, ol { margin: .5rem 0 1rem; padding-left: 1.3rem; }
a { color: var(--accent); text-underline-offset: .18em; }
.lead { font-size: 1.15rem; color: var(--soft); }
.soft { color: var(--soft); }
.small { font-size: .9rem; }
.after { margin-top: 1.25rem; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.mark { display: block; width: 3rem; height: 3rem; margin-bottom: 1rem; fill: none; stroke: currentcolor; stroke-width: 2;
  stroke-linecap: round; stroke-linejoin: round; }
.good .mark { color: var(--good); }
.bad .mark { color: var(--bad); }
.warning { padding: .75rem 1rem; background: var(--warn); border-left: .25rem solid var(--warn-edge); border-radius: .5rem; }
.problem { color: var(--bad); font-weight: 600; }
dl { display: grid; grid-template-columns: auto 1fr; gap: .35rem 1.25rem; margin: 1.25rem 0; padding: 1rem 0; border: solid var(--line);
  border-width: 1px 0; }
dt { color: var(--soft); }
dd { margin: 0; font-weight: 600; }
form { margin: 1.25rem 0 0; }
label { display: block; margin-bottom: .35rem; font-weight: 600; }
input, select, textarea { width: 100%; padding: .65rem .85rem; border: 1px solid var(--edge); border-radius: .55rem;
  background: var(--ground); color: var(--ink); font: inherit; }
::placeholder { color: var(--soft); opacity: 1; }
input.code, #user_code { padding: .75rem 1rem; font: 600 1.5rem/1.2 var(--code); letter-spacing: .12em; text-transform: uppercase; }
.buttons { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.25rem 0 0; }
button, .button { display: inline-flex; align-items: center; justify-content: center; padding: .7rem 1.25rem; border: 2px solid var(--accent); border-radius: .6rem;
  background: var(--accent); color: var(--on-accent); font: inherit; font-weight: 650; text-align: center; text-decoration: none;
  cursor: pointer; }
button.quiet, .button.quiet { background: transparent; color: var(--ink); border-color: var(--edge); }
button.small { padding: .15rem .6rem; border-width: 1px; border-radius: .4rem; font-size: .85rem; }
.card .buttons > * { flex: 1 1 9rem; }
button.allow { background: var(--good); border-color: var(--good); color: var(--paper); }
button.deny { background: var(--bad); border-color: var(--bad); color: var(--paper); }
button:disabled { opacity: .55; cursor: default; }
:focus-visible { outline: 3px solid var(--warn-edge); outline-offset: 2px; }
code, pre { font: .88em/1.55 var(--code); }
pre { margin: .5rem 0; padding: .8rem 1rem; overflow: auto; border-radius: .6rem; background: var(--sunk); white-space: pre-wrap; }
pre code { font: inherit; }
.panel { margin-top: 1.5rem; padding: 1.5rem; background: var(--paper); border: 1px solid var(--line); border-radius: 1rem; }
.command { position: relative; }
.command pre { margin: .5rem 0 0; padding-right: 5.5rem; }
.command button { position: absolute; top: .65rem; right: .65rem; background: var(--paper); }
.big { display: block; margin: .25rem 0 .75rem; font: 700 1.9rem/1.25 var(--code); letter-spacing: .08em; }
.told:empty { display: none; }
.told > li { margin-bottom: 1rem; }
.choices { margin: 2rem 0 0; padding: 0; list-style: none; border-top: 1px solid var(--line); }
.choices li { padding: 1rem 0; border-bottom: 1px solid var(--line); }
.choices a { font-weight: 650; }
.choices p { margin: .15rem 0 0; color: var(--soft); }
footer { margin-top: 2.5rem; color: var(--soft); font-size: .9rem; }
.card footer { margin-top: 1.5rem; padding-top: .85rem; border-top: 1px solid var(--line); }
@media (max-width: 30rem) {
  header { padding: 1rem 1.25rem; }
  .card main { width: calc(100% - 1.5rem); padding: 1.5rem 1.25rem; }
  .column main { padding: 1rem 1.25rem 4rem; }
  .panel { padding: 1.15rem 1rem; }
  .column .buttons > button:not(.small), .column .buttons > .button { flex: 1 1 100%; }
  .command pre { padding-right: 1rem; }
  .command button { position: static; margin-top: .5rem; }
}
`;
