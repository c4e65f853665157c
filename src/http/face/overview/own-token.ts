import { type Html, html } from "../../../html.ts";
import { Refusal } from "../api.ts";
import { timeText } from "../times.ts";
import type { Visit } from "../visit.ts";

/** What this browser's token is, in the words of the API. */
export async function ownToken(visit: Visit): Promise<Html> {
  const { say, ask } = visit;
  try {
    const { data } = await ask("GET", "auth/token/lookup-self");
    const ends = data.text("expire_time");
    return html`<dl class="facts">
<dt>${say("home.policies")}</dt><dd>${data.texts("policies").join(", ")}</dd>
${ends !== undefined && html`<dt>${say("home.ends")}</dt><dd>${timeText(visit, ends)}</dd>\n`}<dt>${say("home.accessor")}</dt><dd><code>${data.text("accessor")}</code></dd>
</dl>
<p class="small soft">${say("home.sessions-end")}</p>`;
  } catch (error) {
    if (error instanceof Refusal && error.status === 403) return html`<p>${say("home.unknown")}</p>`;
    throw error;
  }
}
