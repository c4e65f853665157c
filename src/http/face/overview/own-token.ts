import { type Html, html } from "../../../html.ts";
import { orNothing } from "../api.ts";
import { timeText } from "../times.ts";
import type { Visit } from "../visit.ts";

/** What this browser's token is, in the words of the API. */
export async function ownToken(visit: Visit): Promise<Html> {
  const { say, ask } = visit;
  const data = await orNothing(ask("GET", "auth/token/lookup-self"), 403);
  if (!data) return html`<p>${say("home.unknown")}</p>`;
  const ends = data.text("expire_time");
  return html`<dl class="facts">
<dt>${say("home.policies")}</dt><dd>${data.texts("policies").join(", ")}</dd>
${ends !== undefined && html`<dt>${say("home.ends")}</dt><dd>${timeText(visit, ends)}</dd>\n`}<dt>${say("home.accessor")}</dt><dd><code>${data.text("accessor")}</code></dd>
</dl>
<p class="small soft">${say("home.sessions-end")}</p>`;
}
