import { type Html, html } from "../../html.ts";
import type { PlainFaceKey } from "../../messages/face/index.ts";
import type { Visit } from "./visit.ts";

/** A table that becomes a list where there is no room: the cells of its rows say what they are themselves (`data-label`). */
export function table({ say }: Visit, caption: string, heads: readonly PlainFaceKey[], rows: readonly Html[]): Html {
  return html`<div class="table"><table class="stack">
<caption>${caption}</caption>
<thead><tr>${heads.map((key) => html`<th scope="col">${say(key)}</th>`)}</tr></thead>
<tbody>
${rows}</tbody>
</table></div>`;
}

type Fact = readonly [key: PlainFaceKey, value: Html | string];

/** What is known of something; what is empty is left out. */
export function factList({ say }: Visit, facts: readonly Fact[]): Html {
  const known = facts.filter(([, value]) => value !== "");
  return html`<dl class="facts">${known.map(([key, value]) => html`<dt>${say(key)}</dt><dd>${value}</dd>\n`)}</dl>`;
}
