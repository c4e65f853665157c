import { createHash } from "node:crypto";
import { type Html, html, trusted } from "../../html.ts";

/** Light or dark, as the person has it. */
export const COLOURS = `
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5a6675; --paper: #fff; --ground: #f2f4f7; --line: #dde2e9;
  --good: #14703f; --bad: #a5280f; --on: #fff; --warn: #fdf3d7; --edge: #c08a00; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8ecf2; --soft: #a3aebd; --paper: #1a202a; --ground: #11151c; --line: #2c3543; --good: #5fd394;
    --bad: #ff9c82; --on: #11151c; --warn: #33290f; --edge: #d9a520; }
}
`;

/** The look of all pages of the broker, on a desk or a phone. */
const STYLE = `${COLOURS}* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem; background: var(--ground);
  color: var(--ink); font: 1.0625rem/1.55 system-ui, -apple-system, "Segoe UI", sans-serif; }
main { width: 100%; max-width: 30rem; padding: 2.25rem 2rem; background: var(--paper); border: 1px solid var(--line);
  border-radius: 1rem; box-shadow: 0 1rem 3rem rgb(0 0 0 / 8%); overflow-wrap: anywhere; }
@media (max-width: 30rem) { body { padding: .75rem; } main { padding: 1.5rem 1.25rem; } }
svg { display: block; width: 3rem; height: 3rem; margin-bottom: 1rem; fill: none; stroke: currentcolor; stroke-width: 2;
  stroke-linecap: round; stroke-linejoin: round; }
.good svg { color: var(--good); }
.bad svg { color: var(--bad); }
h1 { margin: 0 0 .5rem; font-size: 1.5rem; line-height: 1.25; }
p { margin: 0 0 .75rem; }
p:last-child { margin: 0; }
.soft, .good p:last-child, .bad p:last-child { color: var(--soft); }
.warning { padding: .75rem 1rem; background: var(--warn); border-left: .25rem solid var(--edge); border-radius: .5rem; }
.problem { color: var(--bad); font-weight: 600; }
dl { display: grid; grid-template-columns: auto 1fr; gap: .35rem 1.25rem; margin: 1.25rem 0; padding: 1rem 0;
  border: solid var(--line); border-width: 1px 0; }
dt { color: var(--soft); }
dd { margin: 0; font-weight: 600; }
form { margin: 1.25rem 0 0; }
label { display: block; margin-bottom: .35rem; font-weight: 600; }
input { width: 100%; padding: .75rem 1rem; border: 2px solid var(--line); border-radius: .6rem; background: var(--ground);
  color: var(--ink); font: 600 1.5rem/1.2 ui-monospace, "SF Mono", Menlo, Consolas, monospace; letter-spacing: .12em;
  text-transform: uppercase; }
.buttons { display: flex; flex-wrap: wrap; gap: .75rem; margin-top: 1.25rem; }
button, .button { flex: 1 1 9rem; padding: .8rem 1.25rem; border: 0; border-radius: .6rem; background: var(--ink); color: var(--paper);
  font: inherit; font-weight: 700; text-align: center; text-decoration: none; cursor: pointer; }
button.allow { background: var(--good); color: var(--on); }
button.deny { background: var(--bad); color: var(--on); }
:focus-visible { outline: 3px solid var(--edge); outline-offset: 2px; }
`;

const STYLE_HASH = createHash("sha256").update(STYLE).digest("base64");

/** Nothing but the page's own style and, where it has any, forms to this very origin: no script, picture or frame. */
export function pageHeaders({ forms }: { readonly forms: boolean }): Record<string, string> {
  const actions = forms ? "'self'" : "'none'";
  return htmlHeaders(
    `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; form-action ${actions}; frame-ancestors 'none'`,
  );
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

export interface Page {
  readonly title: string;
  readonly tone?: "good" | "bad";
  /** The page's middle. */
  readonly body: Html;
  readonly head?: Html;
}

/** A plain page without script, as it is sent. */
export function page({ title, tone, body, head }: Page): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${head}<title>${title} – Coatcheck</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
<main${tone && html` class="${tone}"`}>
${tone && html`${MARK[tone]}\n`}${body}
</main>
</body>
</html>
`.text;
}

const MARK = {
  good: html`<svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="10"/><path d="m7.5 12.5 3 3 6-6.5"/></svg>`,
  bad: html`<svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="10"/><path d="M12 7v6M12 16.5v.5"/></svg>`,
};
