import { type Html, html } from "../../html.ts";
import { page, pageHeaders } from "./page.ts";
import type { Speaker } from "./speaker.ts";

export const PAGE_HEADERS: Readonly<Record<string, string>> = pageHeaders({ forms: false });

export interface PageText {
  readonly good: boolean;
  readonly title: string;
  /** What happened, and what to do next. What the broker says itself is in English. */
  readonly text: string | { readonly english: string };
  readonly next: string;
}

/** How a login ended. */
export function callbackPage({ language }: Speaker, { good, title, text, next }: PageText, more?: Html): string {
  const [words, own] = typeof text === "object" ? [text.english, "en"] : [text, language];
  const body = html`<h1>${title}</h1>
<p${own !== language && html` lang="${own}"`}>${words}</p>
<p class="soft">${next}</p>${more}`;
  return page({ title, language, tone: good ? "good" : "bad", body });
}
