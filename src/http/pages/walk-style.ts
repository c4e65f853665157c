import { COLOURS } from "./page.ts";

/** The walk's look: one column of cards. */
export const WALK_STYLE = `${COLOURS}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 1rem; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", "Open Sans", sans-serif; }
main { max-width: 46rem; margin: 0 auto; padding: 2.5rem 1rem 5rem; overflow-wrap: anywhere; }
h1 { margin: 0 0 .5rem; font-size: 1.9rem; line-height: 1.2; }
h2 { display: flex; gap: .75rem; align-items: center; margin: 0 0 .5rem; font-size: 1.2rem; line-height: 1.3; }
h2 .number { flex: none; display: grid; place-items: center; width: 2rem; height: 2rem; border-radius: 50%;
  border: 2px solid var(--line); color: var(--soft); font-size: .95rem; }
h3 { margin: 1.25rem 0 .35rem; font-size: .8rem; letter-spacing: .05em; text-transform: uppercase; color: var(--soft); }
p { margin: 0 0 .75rem; }
a { color: inherit; }
.soft, .step > p { color: var(--soft); }
.step { margin-top: 1rem; padding: 1.5rem; background: var(--paper); border: 1px solid var(--line); border-radius: 1rem; }
.step.waiting { opacity: .6; }
.step.open { box-shadow: 0 .5rem 2rem rgb(0 0 0 / 7%); }
.step.open .number { border-color: var(--ink); color: var(--ink); }
.step.done .number { border-color: var(--good); background: var(--good); color: var(--on); }
fieldset { min-width: 0; margin: 0; padding: 0; border: 0; }
label { display: block; margin: .75rem 0 .25rem; font-weight: 600; font-size: .92rem; }
label + * + .soft { display: block; margin-top: .2rem; font-size: .88rem; line-height: 1.45; }
.result .soft { margin: .35rem 0 0; font-size: .92rem; color: var(--soft); }
.result .note + .soft { margin-top: .9rem; }
fieldset > p, .code p { margin: .75rem 0 0; }
pre + table { margin-top: .6rem; }
fieldset > .soft { margin: .75rem 0 0; color: var(--soft); }
fieldset > details { margin-top: 1rem; }
fieldset .soft + .buttons { margin-top: .4rem; }
summary { cursor: pointer; }
input, select, textarea { width: 100%; padding: .55rem .75rem; border: 1px solid var(--soft); border-radius: .5rem;
  background: var(--ground); color: var(--ink); font: .92rem/1.4 ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
textarea { min-height: 4.2rem; resize: vertical; }
.buttons { display: flex; flex-wrap: wrap; gap: .6rem; margin: 1rem 0 0; }
button { padding: .6rem 1.1rem; border: 2px solid var(--ink); border-radius: .55rem; background: var(--ink); color: var(--paper);
  font: inherit; font-weight: 650; cursor: pointer; }
button.quiet { background: transparent; color: var(--ink); border-color: var(--line); }
button.small { padding: .1rem .55rem; border-width: 1px; border-radius: .4rem; font-size: .8rem; }
button:disabled { opacity: .5; cursor: default; }
:focus-visible { outline: 3px solid var(--edge); outline-offset: 2px; }
.result { margin-top: 1rem; }
.result:empty { margin: 0; }
.note { margin: .75rem 0 0; padding: .7rem 1rem; border-left: .25rem solid var(--edge); border-radius: .5rem; background: var(--warn); }
.note.good { border-color: var(--good); background: color-mix(in srgb, var(--good) 10%, var(--paper)); }
.note.bad { border-color: var(--bad); background: color-mix(in srgb, var(--bad) 10%, var(--paper)); }
ul { margin: .5rem 0; padding-left: 1.25rem; }
.violations { color: var(--bad); }
.exchange { margin-top: .75rem; border: 1px solid var(--line); border-radius: .6rem; }
.exchange > summary { display: flex; flex-wrap: wrap; gap: .25rem .75rem; padding: .6rem .9rem; cursor: pointer;
  font: .85rem/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
.exchange .status { margin-left: auto; font-weight: 700; }
.status.good { color: var(--good); } .status.bad { color: var(--bad); }
.exchange > div { padding: 0 .9rem .9rem; border-top: 1px solid var(--line); }
pre { margin: 0; padding: .7rem .9rem; max-height: 24rem; overflow: auto; border-radius: .5rem; background: var(--ground);
  font: .82rem/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; white-space: pre-wrap; }
code { font: .9em ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
table { width: 100%; border-collapse: collapse; font-size: .88rem; }
th, td { padding: .4rem .6rem; border: 1px solid var(--line); text-align: left; vertical-align: top; }
th { width: 13rem; font-weight: 600; background: var(--ground); }
.code { display: flex; flex-wrap: wrap; gap: 1.5rem; align-items: center; margin-top: 1rem; }
.code strong { display: block; font: 700 1.9rem/1.2 ui-monospace, "SF Mono", Menlo, Consolas, monospace; letter-spacing: .08em; }
.qr { width: 11rem; height: 11rem; flex: none; border-radius: .5rem; }
.qr .light { fill: #fff; } .qr .dark { fill: #000; }
.clock { font-variant-numeric: tabular-nums; }
ol.timeline { margin: .75rem 0 0; padding-left: 1.5rem; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (max-width: 30rem) {
  main { padding: 1.5rem .75rem 4rem; }
  .step { padding: 1.1rem 1rem; }
  .buttons button:not(.small) { flex: 1 1 100%; }
  th, td { display: block; width: auto; } td { border-top: 0; }
}
`;
