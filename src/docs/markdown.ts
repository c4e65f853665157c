import { Marked, type Token, type Tokens } from "marked";
import { type Html, html, trusted } from "../html.ts";
import type { Heading, Rendered } from "./content.ts";

/** Where a link of the text leads on the site; `undefined` keeps it as it is. */
export type LinkOf = (href: string) => string;

export interface Part {
  readonly heading: Heading;
  /** What follows it, without markup. */
  readonly text: string;
}

/** So much code is not broken at the end of a line, where `--option` would lose its hyphens. Characters. */
const SHORT = 24;

/** A document of ours (GitHub Flavored Markdown, with anchors as GitHub makes them) as HTML, and its parts for the search. */
export function renderMarkdown(text: string, linkOf: LinkOf): Rendered & { readonly parts: readonly Part[] } {
  const marked = new Marked({ gfm: true });
  const tokens = marked.lexer(text);
  const headings = headingsOf(tokens);
  marked.use({
    renderer: {
      heading(token) {
        const { id, depth } = headings.get(token) as Heading;
        const content = trusted(this.parser.parseInline(token.tokens));
        return html`<h${depth} id="${id}">${content}${depth > 1 && html` <a class="anchor" href="#${id}" aria-hidden="true" tabindex="-1">#</a>`}</h${depth}>\n`
          .text;
      },
      link({ href, title, tokens: inner }) {
        const name = title ? html` title="${title}"` : undefined;
        return html`<a href="${linkOf(href)}"${name}>${trusted(this.parser.parseInline(inner))}</a>`.text;
      },
      code: ({ text: own }) => html`<pre tabindex="0"><code>${own}</code></pre>\n`.text,
      codespan: ({ text: own }) => html`<code${own.length <= SHORT && html` class="short"`}>${own}</code>`.text,
      image: ({ href, text: alt }) => html`<img src="${linkOf(href)}" alt="${alt}">`.text,
      html: ({ text: own }) =>
        own
          .replace(/<!--.*?-->/gs, "")
          .replace(/\b(src|srcset)="([^"]+)"/g, (_all, name, href) => `${name}="${linkOf(href)}"`),
      table(token) {
        return tableView(token, (tokens) => trusted(this.parser.parseInline(tokens)));
      },
    },
  });
  const all = [...headings.values()];
  return { title: all[0]?.text ?? "", html: marked.parser(tokens), headings: all, parts: partsOf(tokens, headings) };
}

/** Anchors as GitHub makes them: lower case, no punctuation, hyphens for blanks; the second of a name ends in `-1`. */
function headingsOf(tokens: readonly Token[]): ReadonlyMap<Token, Heading> {
  const found = new Map<Token, Heading>();
  const seen = new Map<string, number>();
  for (const token of tokens) {
    if (!isHeading(token)) continue;
    const text = plain(token.text);
    const slug = slugOf(text);
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    found.set(token, { id: count === 0 ? slug : `${slug}-${count}`, text, depth: token.depth });
  }
  return found;
}

const isHeading = (token: Token): token is Tokens.Heading => token.type === "heading";

export function slugOf(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replace(/\s/g, "-");
}

function partsOf(tokens: readonly Token[], headings: ReadonlyMap<Token, Heading>): readonly Part[] {
  const parts: { readonly heading: Heading; text: string }[] = [];
  for (const token of tokens) {
    const heading = headings.get(token);
    const last = parts.at(-1);
    if (heading) parts.push({ heading, text: "" });
    else if (last) last.text = `${last.text} ${plain(token.raw)}`.trim();
  }
  return parts;
}

/** The text of a piece of Markdown. */
function plain(markdown: string): string {
  return markdown
    .replace(/<!--.*?-->/gs, " ")
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/<\/?[a-z][^>]*>/gi, " ")
    .replace(/[`|*]|^\s*[-#>]+/gm, " ")
    .replace(/-{3,}/g, " ")
    .replace(/\s+/g, " ")
    .trim();
}

/** It may be wider than the page: it scrolls by itself, also by keyboard. A header without any text is none. */
function tableView({ header, rows }: Tokens.Table, inline: (tokens: Token[]) => Html): string {
  const head = header.map(({ tokens }) => html`<th scope="col">${inline(tokens)}</th>`);
  const hasHead = header.some(({ text }) => text !== "");
  const name = plain(header.map(({ text }) => text).join(", "));
  const body = rows.map((row) => html`<tr>${row.map(({ tokens }) => html`<td>${inline(tokens)}</td>`)}</tr>\n`);
  return html`<div class="table" role="region" tabindex="0" aria-label="Table${hasHead && `: ${name}`}"><table>${hasHead && html`<thead><tr>${head}</tr></thead>\n`}<tbody>
${body}</tbody></table></div>\n`.text;
}
