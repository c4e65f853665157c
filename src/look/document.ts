import { createHash } from "node:crypto";
import { type Html, html, trusted } from "../html.ts";
import { STYLE } from "./style.ts";

/** A coat check's tag: what is given for what is kept. The same for browsers' tabs, where the page's colours do not reach. */
const TAG = trusted(
  `<path d="M11.5 2h9L28 10v17a3 3 0 0 1-3 3H7a3 3 0 0 1-3-3V10z"/><path d="m10.5 20 4 4 7.5-8"/><circle cx="16" cy="9" r="2.4"/>`,
);

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><style>path{fill:#0d5c52}path+path{fill:none;stroke:#fff;stroke-width:3.2;stroke-linecap:round;stroke-linejoin:round}circle{fill:#fff}@media(prefers-color-scheme:dark){path{fill:#7fd3c0}path+path{stroke:#0d1715}circle{fill:#0d1715}}</style>${TAG.text}</svg>`;

const ICON_URL = `data:image/svg+xml,${encodeURIComponent(ICON)}`;

export interface Page {
  /** In the browser's tab; whose page it is is added. */
  readonly title: string;
  /** Whose page it is, and where its mark leads to. */
  readonly brand: { readonly name: string; readonly href?: string };
  /** One thing to do, a text to read, or several columns. */
  readonly shape: "card" | "column" | "wide";
  /** BCP 47; English where nothing is said. */
  readonly language?: string;
  /** Ways to other pages, beside the mark. */
  readonly navigation?: { readonly links: Html; readonly skip: string } | undefined;
  /** What `main` contains, and says about itself. */
  readonly body: Html;
  readonly tone?: "good" | "bad" | undefined;
  readonly data?: Readonly<Record<string, string>>;
  readonly head?: Html | undefined;
  /** Of this page alone. */
  readonly style?: string;
}

/** A whole page, as it is sent. */
export function wholePage({
  title,
  brand,
  shape,
  body,
  tone,
  data = {},
  head,
  navigation,
  style = "",
  language = "en",
}: Page): string {
  const { name, href } = brand;
  const mark = html`<svg viewBox="0 0 32 32" aria-hidden="true">${TAG}</svg> ${name}`;
  const attributes = Object.entries(data).map(([key, value]) => html` data-${key}="${value}"`);
  return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${head}<title>${title} – ${name}</title>
<link rel="icon" href="${ICON_URL}">
<style>${trusted(STYLE + style)}</style>
</head>
<body class="${shape}">
${
  navigation &&
  html`<a class="skip button" href="#content">${navigation.skip}</a>
`
}<header>${href === undefined ? html`<span class="brand">${mark}</span>` : html`<a class="brand" href="${href}">${mark}</a>`}${navigation?.links}</header>
<main${navigation && html` id="content" tabindex="-1"`}${tone && html` class="${tone}"`}${attributes}>
${tone && html`${MARKS[tone]}\n`}${body}
</main>
</body>
</html>
`.text;
}

const MARKS = {
  good: html`<svg class="mark" viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="10"/><path d="m7.5 12.5 3 3 6-6.5"/></svg>`,
  bad: html`<svg class="mark" viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="10"/><path d="M12 7v6M12 16.5v.5"/></svg>`,
};

/** Its own style and icon, and nothing else but what `allowed` names: directives of CSP 3. `style` is that of `Page`. */
export function policyOf(allowed: Readonly<Record<string, string>> = {}, style = ""): string {
  const rules = {
    "default-src": "'none'",
    "style-src": `'sha256-${sha256(STYLE + style)}'`,
    "img-src": "data:",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
    ...allowed,
  };
  return Object.entries(rules)
    .map(([name, value]) => `${name} ${value}`)
    .join("; ");
}

/** What every page is sent with. */
export function htmlHeaders(policy: string): Record<string, string> {
  return {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": policy,
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
  };
}

/** As CSP wants it: base64. */
export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("base64");
}
