import { type Html, html } from "../../html.ts";
import { page, pageHeaders } from "./page.ts";

export const PAGE_HEADERS: Readonly<Record<string, string>> = pageHeaders({ forms: false });

export interface PageText {
  readonly good: boolean;
  readonly title: string;
  /** What happened, and what to do next. */
  readonly text: string;
  readonly next: string;
}

/** How a login ended. */
export function callbackPage({ good, title, text, next }: PageText, more?: Html): string {
  const body = html`<h1>${title}</h1>
<p>${text}</p>
<p class="soft">${next}</p>${more}`;
  return page({ title, tone: good ? "good" : "bad", body });
}
