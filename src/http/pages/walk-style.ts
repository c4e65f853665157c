/** What the walk has besides the look of all pages: cards of steps, and requests with their answers. */
export const WALK_STYLE = `
h2 { display: flex; gap: .75rem; align-items: center; }
h2 .number { flex: none; display: grid; place-items: center; width: 2rem; height: 2rem; border-radius: 50%;
  border: 2px solid var(--edge); color: var(--soft); font-size: .95rem; }
.step h3 { margin: 1.25rem 0 .35rem; font-size: .8rem; letter-spacing: .05em; text-transform: uppercase; color: var(--soft); }
.step { margin-top: 1rem; padding: 1.5rem; background: var(--paper); border: 1px solid var(--line); border-radius: 1rem; }
.step > p:not(.note) { color: var(--soft); }
.step.waiting, .step.past { background: transparent; }
.step.past { border-style: dashed; border-color: var(--edge); }
.step.waiting h2 { color: var(--soft); }
.step.open { box-shadow: 0 .5rem 2rem var(--shade); }
.step.open .number { border-color: var(--accent); color: var(--accent); }
.step.done .number { border-color: var(--good); background: var(--good); color: var(--paper); }
fieldset { min-width: 0; margin: 0; padding: 0; border: 0; }
label { margin: .75rem 0 .25rem; font-size: .92rem; }
.help { display: block; margin-top: .2rem; font-size: .88rem; line-height: 1.45; }
.result .soft { margin: .35rem 0 0; font-size: .92rem; color: var(--soft); }
.result .note + .soft { margin-top: .9rem; }
fieldset > p, .code p { margin: .75rem 0 0; }
pre + table { margin-top: .6rem; }
.buttons + div > table { margin: 1rem 0 .6rem; }
fieldset > .soft { margin: .75rem 0 0; color: var(--soft); }
fieldset > details { margin-top: 1rem; }
fieldset .soft + .buttons { margin-top: .4rem; }
summary { cursor: pointer; }
.saved, .quirks { margin-top: 1rem; padding: .75rem 1rem; border: 1px solid var(--line); border-radius: .6rem; }
.check { display: flex; gap: .6rem; align-items: baseline; margin-top: .5rem; }
.check label { margin: 0; font-weight: 400; }
.check input { flex: none; width: 1rem; height: 1rem; accent-color: var(--accent); }
.language { display: flex; gap: .6rem; align-items: center; justify-content: flex-end; margin-bottom: 1rem; }
.language label { margin: 0; }
.language select { width: auto; }
.step input, .step select, .step textarea { font: .92rem/1.4 var(--code); text-transform: none; letter-spacing: 0; }
textarea { field-sizing: content; min-height: 4.2rem; resize: vertical; }
.step .buttons { gap: .6rem; margin-top: 1rem; }
.result { margin-top: 1rem; }
.result:empty { margin: 0; }
.note { margin: .75rem 0 0; padding: .7rem 1rem; border-left: .25rem solid var(--warn-edge); border-radius: .5rem; background: var(--warn); }
.note.good { border-color: var(--good); background: color-mix(in srgb, var(--good) 10%, var(--paper)); }
.note.bad { border-color: var(--bad); background: color-mix(in srgb, var(--bad) 10%, var(--paper)); }
.violations { color: var(--bad); }
.exchange { margin-top: .75rem; border: 1px solid var(--line); border-radius: .6rem; }
.exchange > summary { display: flex; flex-wrap: wrap; gap: .25rem .75rem; padding: .6rem .9rem; font: .85rem/1.5 var(--code); }
.exchange .status { margin-left: auto; font-weight: 700; }
.status.good { color: var(--good); } .status.bad { color: var(--bad); }
.exchange > div { padding: 0 .9rem .9rem; border-top: 1px solid var(--line); }
table { width: 100%; border-collapse: collapse; font-size: .88rem; }
th, td { padding: .4rem .6rem; border: 1px solid var(--line); text-align: left; vertical-align: top; }
th { width: 13rem; font-weight: 600; background: var(--sunk); }
div.code { display: flex; flex-wrap: wrap; gap: 1.5rem; align-items: center; margin-top: 1rem; }
div.code strong { display: block; font: 700 1.9rem/1.2 var(--code); letter-spacing: .08em; }
.qr { width: 11rem; height: 11rem; flex: none; border-radius: .5rem; }
.qr .light { fill: #fff; } .qr .dark { fill: #000; }
.clock { font-variant-numeric: tabular-nums; }
ol.timeline { margin: .75rem 0 0; padding-left: 1.5rem; }
@media (max-width: 30rem) {
  .step { padding: 1.1rem 1rem; }
  th, td { display: block; width: auto; } td { border-top: 0; }
}
`;
