import { createHash } from "node:crypto";

const STYLE = `
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5a6675; --paper: #fff; --ground: #f2f4f7; --line: #dde2e9; --good: #14703f; --bad: #a5280f; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8ecf2; --soft: #a3aebd; --paper: #1a202a; --ground: #11151c; --line: #2c3543; --good: #5fd394; --bad: #ff9c82; }
}
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem; background: var(--ground);
  color: var(--ink); font: 1.0625rem/1.55 system-ui, -apple-system, "Segoe UI", sans-serif; }
main { width: 100%; max-width: 30rem; padding: 2.25rem 2rem; background: var(--paper); border: 1px solid var(--line);
  border-radius: 1rem; box-shadow: 0 1rem 3rem rgb(0 0 0 / 8%); overflow-wrap: anywhere; }
svg { display: block; width: 3rem; height: 3rem; margin-bottom: 1rem; fill: none; stroke: currentcolor; stroke-width: 2;
  stroke-linecap: round; stroke-linejoin: round; }
.good svg { color: var(--good); }
.bad svg { color: var(--bad); }
h1 { margin: 0 0 .5rem; font-size: 1.5rem; line-height: 1.25; }
p { margin: 0 0 .75rem; }
p:last-child { margin: 0; color: var(--soft); }
`;

const STYLE_HASH = createHash("sha256").update(STYLE).digest("base64");

/** Nothing but the page's own style: no script, no picture, no form, no frame. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "cross-origin-opener-policy": "same-origin",
};

export interface PageText {
  readonly good: boolean;
  readonly title: string;
  /** What happened, and what to do next. */
  readonly text: string;
  readonly next: string;
}

const MARK = {
  good: '<svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="10"/><path d="m7.5 12.5 3 3 6-6.5"/></svg>',
  bad: '<svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="10"/><path d="M12 7v6M12 16.5v.5"/></svg>',
};

/** A plain page without script; every text is encoded here. */
export function callbackPage({ good, title, text, next }: PageText): string {
  const tone = good ? "good" : "bad";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${encode(title)} – Coatcheck</title>
<style>${STYLE}</style>
</head>
<body>
<main class="${tone}">
${MARK[tone]}
<h1>${encode(title)}</h1>
<p>${encode(text)}</p>
<p>${encode(next)}</p>
</main>
</body>
</html>
`;
}

function encode(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}
