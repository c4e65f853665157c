import { encode, page, pageHeaders } from "./page.ts";

export const PAGE_HEADERS: Readonly<Record<string, string>> = pageHeaders({ forms: false });

export interface PageText {
  readonly good: boolean;
  readonly title: string;
  /** What happened, and what to do next. */
  readonly text: string;
  readonly next: string;
}

/** How a login ended; every text is encoded here, `more` is added as it is. */
export function callbackPage({ good, title, text, next }: PageText, more = ""): string {
  const body = `<h1>${encode(title)}</h1>\n<p>${encode(text)}</p>\n<p>${encode(next)}</p>${more}`;
  return page({ title, tone: good ? "good" : "bad", body });
}
