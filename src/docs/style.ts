/** What the documentation has besides the look of all pages: three columns that become one, tables that scroll by themselves. */
export const DOCS_STYLE = `
.wide main { display: grid; gap: 1rem 3rem; grid-template: "find find find" auto "pages text here" 1fr / 14rem minmax(0, 46rem) minmax(0, 14rem);
  justify-content: center; padding: 0 1.5rem 5rem; }
.find { grid-area: find; position: relative; justify-self: center; width: min(34rem, 100%); margin: 0; }
.find input { border-radius: 2rem; padding-left: 1.25rem; }
.find ol { position: absolute; z-index: 1; inset: calc(100% + .4rem) 0 auto; max-height: 70vh; overflow: auto; margin: 0; padding: .4rem;
  list-style: none; background: var(--paper); border: 1px solid var(--edge); border-radius: 1rem; box-shadow: 0 1rem 3rem var(--shade); }
.find li a { display: block; padding: .5rem .9rem; border-radius: .6rem; color: inherit; text-decoration: none; }
.find li a:hover, .find li a:focus { background: var(--sunk); }
.find li strong { color: var(--accent); }
.find li span { display: block; font-size: .88rem; line-height: 1.45; color: var(--soft); }
.find .told { margin: .4rem 1.25rem; font-size: .88rem; color: var(--soft); }
.pages { grid-area: pages; font-size: .95rem; }
.pages h2 { margin: 1.4rem 0 .3rem; font-size: .8rem; letter-spacing: .05em; text-transform: uppercase; color: var(--soft); }
.pages h2:first-child { margin-top: .4rem; }
.pages ul, .here ul { margin: 0; padding: 0; list-style: none; }
.pages a, .here a { display: block; padding: .22rem .6rem; border-radius: .4rem; text-decoration: none; color: inherit; }
.pages a:hover, .here a:hover { background: var(--sunk); }
.pages a[aria-current] { background: var(--sunk); color: var(--accent); font-weight: 650; }
.here { grid-area: here; font-size: .88rem; line-height: 1.4; }
.here ul { position: sticky; top: 1rem; max-height: calc(100vh - 2rem); overflow: auto; border-left: 1px solid var(--line); }
.here a { color: var(--soft); border-radius: 0 .4rem .4rem 0; }
.here .deeper a { padding-left: 1.4rem; }
article { grid-area: text; min-width: 0; }
article h1 { font-size: clamp(1.75rem, 5vw, 2.4rem); line-height: 1.15; letter-spacing: -.022em; }
article h2 { margin: 2.6rem 0 .6rem; padding-top: .4rem; border-top: 1px solid var(--line); }
article h3 { margin: 1.8rem 0 .4rem; }
article img { display: block; max-width: 100%; height: auto; margin: 1.25rem auto; border-radius: .6rem; }
article pre { white-space: pre; }
article :not(pre) > code { padding: .1em .3em; border-radius: .3em; background: var(--sunk); }
code.short { white-space: nowrap; }
article blockquote { margin: 1rem 0; padding: .1rem 1rem; border-left: .25rem solid var(--line); color: var(--soft); }
article li { margin: .25rem 0; }
.anchor { color: var(--edge); font-weight: 400; text-decoration: none; opacity: 0; }
:is(h2, h3, h4):hover .anchor { opacity: 1; }
.table { margin: 1rem 0; overflow-x: auto; }
table { border-collapse: collapse; font-size: .92rem; line-height: 1.5; }
th, td { padding: .5rem .75rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; min-width: 6.5rem; }
th { color: var(--soft); font-weight: 600; }
td code { overflow-wrap: normal; }
.to-pages { display: none; }
@media (max-width: 75rem) {
  .wide main { grid-template: "find find" auto "pages text" 1fr / 13rem minmax(0, 46rem); gap: 1rem 2rem; }
  .here { display: none; }
}
@media (max-width: 50rem) {
  .wide main { display: block; padding: 0 1.25rem 4rem; }
  .find { margin: 0 0 1rem; width: 100%; }
  .to-pages { display: block; margin: 0 0 1.25rem; font-size: .95rem; }
  .pages { margin-top: 3rem; border-top: 1px solid var(--line); }
  .pages a { padding: .45rem .6rem; }
}
`;
