import { type Html, html } from "../../html.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { Refusal } from "./api.ts";
import { show } from "./frame.ts";
import { seesNothing } from "./navigation.ts";
import { timeText } from "./times.ts";
import { requireSignedIn, type Visit } from "./visit.ts";

/** `/ui`: what this token is, in the words of the API. */
export function home(app: VaultApp, deps: Deps): void {
  app.get("/ui", {
    schema: { hide: true },
    handler: async (request, reply) => {
      const visit = requireSignedIn(request);
      const { say } = visit;
      const isLost = await seesNothing(visit, deps);
      const body = html`<h1>${say("home.title")}</h1>
<p class="lead">${say("home.lead")}</p>
${isLost && html`<p class="warning">${say("home.nothing")}</p>\n`}${await ownToken(visit)}
<p class="small soft">${say("home.sessions-end")}</p>`;
      return show(reply, visit, deps, { title: say("home.title"), body });
    },
  });
}

async function ownToken(visit: Visit): Promise<Html> {
  const { say, ask } = visit;
  try {
    const { data } = await ask("GET", "auth/token/lookup-self");
    const ends = data.text("expire_time");
    return html`<dl class="facts">
<dt>${say("home.policies")}</dt><dd>${data.texts("policies").join(", ")}</dd>
${ends !== undefined && html`<dt>${say("home.ends")}</dt><dd>${timeText(visit, ends)}</dd>\n`}<dt>${say("home.accessor")}</dt><dd><code>${data.text("accessor")}</code></dd>
</dl>`;
  } catch (error) {
    if (error instanceof Refusal && error.status === 403) return html`<p>${say("home.unknown")}</p>`;
    throw error;
  }
}
