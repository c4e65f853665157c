import { html } from "../../html.ts";
import { page } from "./page.ts";
import type { Speaker } from "./speaker.ts";

interface Question {
  readonly title: string;
  /** What the program gets when the person allows it. */
  readonly meaning: string;
  readonly rows: readonly (readonly [name: string, value: string])[];
  /** Addresses of the program that are not the browser's. */
  readonly elsewhere: readonly string[];
  /** The browser's address. */
  readonly yours: string;
  readonly action: string;
  /** Sent back with the decision. */
  readonly fields: Readonly<Record<string, string>>;
}

/** Who asks for what, from where; to deny is as easy as to allow. */
export function questionPage(
  { language, say }: Speaker,
  { title, meaning, rows, elsewhere, yours, action, fields }: Question,
): string {
  const warning =
    elsewhere.length > 0 &&
    html`<p class="warning" role="alert">${say("question.elsewhere", { addresses: elsewhere.join(", "), yours })}</p>\n`;
  const hidden = Object.entries(fields).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">\n`,
  );
  const body = html`<h1>${title}</h1>
<p>${meaning}</p>
<dl>${rows.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>\n`)}</dl>
${warning}<p>${say("question.not-you")}</p>
<form method="post" action="${action}">
${hidden}<div class="buttons">
<button class="deny" name="decision" value="deny">${say("question.deny")}</button>
<button class="allow" name="decision" value="allow">${say("question.allow")}</button>
</div>
</form>`;
  return page({ title, language, body });
}

/** In whole minutes. */
export function ago({ language, say }: Speaker, milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  if (minutes < 1) return say("ago.moment");
  return new Intl.RelativeTimeFormat(language).format(-minutes, "minute");
}
