import { html } from "../../html.ts";
import { page } from "./page.ts";

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
export function questionPage({ title, meaning, rows, elsewhere, yours, action, fields }: Question): string {
  const warning =
    elsewhere.length > 0 &&
    html`<p class="warning" role="alert">This program runs at a different address (${elsewhere.join(", ")}) from your browser (${yours}). That is normal if it runs on one of your servers. If you do not recognize the address, deny the request.</p>\n`;
  const hidden = Object.entries(fields).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">\n`,
  );
  const body = html`<h1>${title}</h1>
<p>${meaning}</p>
<dl>${rows.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>\n`)}</dl>
${warning}<p>If you did not start this yourself, deny it.</p>
<form method="post" action="${action}">
${hidden}<div class="buttons">
<button class="deny" name="decision" value="deny">Deny</button>
<button class="allow" name="decision" value="allow">Allow</button>
</div>
</form>`;
  return page({ title, body });
}

export function ago(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  if (minutes < 1) return "less than a minute ago";
  return minutes === 1 ? "a minute ago" : `${minutes} minutes ago`;
}
