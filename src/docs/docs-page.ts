import { type Html, html, trusted } from "../html.ts";
import { htmlHeaders, policyOf, sha256, wholePage } from "../look/document.ts";
import type { DocsContent, DocsPage } from "./content.ts";
import { DOCS_STYLE } from "./style.ts";

/** The script of the search: where it is, and the packages that it imports. */
export interface DocsScript {
  readonly address: string;
  /** Name → address. */
  readonly packages: Readonly<Record<string, string>>;
}

/** Of the scripts of all pages, which are below `/walk/`. */
export function scriptOf(all: {
  readonly entries: { readonly docs: string };
  readonly packages: ReadonlyMap<string, string>;
}): DocsScript {
  const addresses = [...all.packages].map(([name, path]) => [name, `/walk/${path}`]);
  return { address: `/walk/${all.entries.docs}`, packages: Object.fromEntries(addresses) };
}

export interface DocsAnswer {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** What is at a path below `/docs/`; undefined where nothing is. A look into tables, never at a disk. */
export function answerDocs(content: DocsContent, path: string, script: DocsScript): DocsAnswer | undefined {
  if (path === "search.json") return { headers: SEARCH_HEADERS, body: content.sections };
  const file = own(content.files, path);
  if (file) {
    return { headers: { ...FILE_HEADERS, "content-type": file.type }, body: Buffer.from(file.base64, "base64") };
  }
  const page = own(content.pages, path.replace(/\/$/, ""));
  return page && pageAnswer(content, page, script);
}

function own<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

const FILE_HEADERS = {
  "cache-control": "no-cache",
  "x-content-type-options": "nosniff",
  // Pictures have styles inside; opened by themselves they are to do no more than that.
  "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
};

const SEARCH_HEADERS = { ...FILE_HEADERS, "content-type": "application/json" };

function pageAnswer(content: DocsContent, page: DocsPage, { address, packages }: DocsScript): DocsAnswer {
  const importMap = JSON.stringify({ imports: packages });
  const policy = policyOf(
    {
      "script-src": `'self' 'sha256-${sha256(importMap)}'`,
      "connect-src": "'self'",
      "img-src": "'self' data:",
      "require-trusted-types-for": "'script'",
    },
    DOCS_STYLE,
  );
  const head = html`<script type="importmap">${trusted(importMap)}</script>
<script type="module" src="${address}"></script>
`;
  const body = wholePage({
    title: page.title,
    brand: { name: "Coatcheck", href: "/" },
    shape: "wide",
    style: DOCS_STYLE,
    head,
    body: html`<search class="find"><label class="hidden" for="find">Search the documentation</label>
<input id="find" type="search" placeholder="Search the documentation" autocomplete="off" spellcheck="false"></search>
<p class="to-pages"><a href="#pages">All pages</a></p>
<article>${trusted(page.html)}</article>
${navigation(content, page)}
${contents(page)}`,
  });
  return { headers: htmlHeaders(policy), body };
}

function navigation({ groups, pages }: DocsContent, { path }: DocsPage): Html {
  const link = (to: string) =>
    html`<li><a href="/docs/${to}"${to === path && html` aria-current="page"`}>${to === "" ? "Start" : (pages[to]?.title ?? to)}</a></li>\n`;
  return html`<nav class="pages" id="pages" aria-label="Pages">${groups.map(
    ({ title, pages: all }) => html`<h2>${title}</h2>\n<ul>${all.map(link)}</ul>\n`,
  )}</nav>`;
}

function contents({ headings }: DocsPage): Html | false {
  const shown = headings.filter(({ depth }) => depth === 2 || depth === 3);
  if (shown.length < 2) return false;
  return html`<nav class="here" aria-label="On this page"><ul>${shown.map(
    ({ id, text, depth }) => html`<li${depth === 3 && html` class="deeper"`}><a href="#${id}">${text}</a></li>\n`,
  )}</ul></nav>`;
}
