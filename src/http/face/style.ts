/** What only the dashboard has: a bar of screens, tables, facts, states. */
export const FACE_STYLE = `
.wide header { display: flex; flex-wrap: wrap; gap: .5rem 1.75rem; align-items: center; padding: .85rem 1.5rem; background: var(--paper);
  border-bottom: 1px solid var(--line); }
.wide main { max-width: 78rem; margin: 0 auto; padding: 2rem 1.5rem 5rem; }
.wide h1 { font-size: clamp(1.5rem, 4vw, 2rem); overflow-wrap: anywhere; }
.wide h2 { margin-top: 2.25rem; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem; margin: 0; padding: 0; list-style: none; }
nav a { display: block; padding: .35rem .75rem; border-radius: .5rem; color: var(--ink); text-decoration: none; }
nav a:hover { background: var(--sunk); }
nav a[aria-current] { background: var(--sunk); font-weight: 650; }
.areas { margin: .5rem 0 1.5rem; padding-bottom: .75rem; border-bottom: 1px solid var(--line); }
textarea.source { font: .92rem/1.55 var(--code); resize: vertical; }
.check { display: grid; grid-template-columns: 1fr 9rem; gap: 0 1rem; }
pre.line { max-height: 24rem; overflow-wrap: anywhere; }
.steps summary { overflow-wrap: anywhere; }
.steps h4 { margin: .75rem 0 .25rem; }
form.out { margin: 0 0 0 auto; }
form.inline { display: inline; margin: 0; }
.facts { max-width: 52rem; }
.facts dd { font-weight: 500; }
.table { overflow-x: auto; }
table { width: 100%; margin: 1rem 0; border-collapse: collapse; }
caption { padding: 0 0 .5rem; color: var(--soft); text-align: left; }
th, td { padding: .55rem .75rem .55rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
thead th { color: var(--soft); font-weight: 600; font-size: .9rem; }
tbody th { font-weight: 650; }
.stack :is(th, td) { min-width: 5rem; }
.state { display: inline-flex; gap: .4rem; align-items: center; white-space: nowrap; }
.state::before { content: ""; width: .65rem; height: .65rem; flex: none; border-radius: 50%; background: var(--edge); }
.state.good::before { background: var(--good); }
.state.bad::before { background: var(--bad); border-radius: .1rem; }
.state.wait::before { background: none; border: .15rem solid var(--warn-edge); }
.filters { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .75rem 1rem; align-items: end; }
.filters :is(input, select, button) { min-height: 3.2rem; }
.counts ul { gap: .25rem .5rem; margin: 1rem 0 .25rem; }
.counts a { padding: .2rem .6rem; border: 1px solid var(--line); }
.note { padding: .75rem 1rem; background: var(--paper); border: 1px solid var(--line); border-left: .25rem solid var(--good); border-radius: .5rem; }
.help { display: block; margin: .25rem 0 0; color: var(--soft); font-size: .9rem; font-weight: 400; }
.fields > div { margin-bottom: 1.1rem; }
.fields { max-width: 40rem; }
fieldset { margin: 0 0 1.1rem; padding: 0; border: 0; }
legend { margin-bottom: .35rem; padding: 0; font-weight: 600; }
.choice { display: flex; gap: .6rem; align-items: baseline; margin-bottom: .35rem; font-weight: 400; }
.choice input { width: auto; flex: none; }
:user-invalid, [aria-invalid="true"] { border-color: var(--bad); }
.beside { display: flex; flex-wrap: wrap; gap: 1rem 2.5rem; justify-content: space-between; }
.beside > div { flex: 1 1 18rem; }
.qr { width: 12rem; height: 12rem; border-radius: .5rem; }
.qr .light { fill: #fff; }
.qr .dark { fill: #000; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); gap: 1rem 2rem; margin: 1rem 0; }
figure { margin: 0; }
figcaption { margin-bottom: .4rem; }
.chart { display: block; width: 100%; height: 6rem; background: var(--paper); border: 1px solid var(--line); border-radius: .5rem; }
.chart .ground { stroke: var(--edge); }
.chart .good { fill: var(--good); }
.chart .bad { fill: var(--bad); }
summary { cursor: pointer; color: var(--accent); }
.panel h2 { margin-top: 0; }
.actions { margin: 0; padding: 0; list-style: none; }
.actions li { display: grid; grid-template-columns: minmax(10rem, auto) 1fr; gap: .25rem 1.25rem; align-items: center; margin-bottom: .75rem; max-width: 52rem; }
.actions form { margin: 0; }
.actions button, .actions .button { width: 100%; padding: .45rem 1rem; }
.actions .help { margin: 0; }
[hidden] { display: none; }
@media (max-width: 40rem) {
  .wide header { padding: .75rem 1.25rem; gap: .5rem 1rem; }
  .wide nav { order: 3; width: 100%; }
  .wide nav a { padding: .35rem .6rem; }
  .facts { grid-template-columns: 1fr; row-gap: 0; }
  .filters { grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); }
  .facts dd { margin-bottom: .6rem; }
  .wide main { padding: 1.25rem 1.25rem 4rem; }
  .actions li { grid-template-columns: 1fr; }
  .stack thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .stack tr { display: block; padding: .6rem 0; border-bottom: 1px solid var(--line); }
  .stack :is(th, td) { display: block; min-width: 0; padding: .1rem 0; border: 0; }
  .stack td:empty { display: none; }
  .stack td[data-label]::before { content: attr(data-label) ": "; color: var(--soft); }
}
`;
