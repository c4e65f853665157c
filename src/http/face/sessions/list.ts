import { type Html, html } from "../../../html.ts";
import type { Deps, VaultApp } from "../../app-types.ts";
import { accountOf } from "../credentials/states.ts";
import type { Facts } from "../facts.ts";
import { textField } from "../fields.ts";
import { type Screen, show } from "../frame.ts";
import { shortTime } from "../times.ts";
import { requireSignedIn, type Visit } from "../visit.ts";
import { programOf, sessionBadge } from "./states.ts";

const PAGE = 50;

/** `/ui/sessions`: those that the token may see, a page at a time. */
export function sessionList(app: VaultApp, deps: Deps): void {
  app.get("/ui/sessions", {
    schema: { hide: true },
    handler: async (request, reply) => {
      const visit = requireSignedIn(request);
      return show(reply, visit, deps, await listScreen(visit));
    },
  });
}

async function listScreen(visit: Visit): Promise<Screen> {
  const { say, ask, query } = visit;
  const { server = "", label = "", after = "" } = query;
  const asked = Object.entries({ server, label, after, limit: String(PAGE) }).filter(([, value]) => value !== "");
  const { data } = await ask("GET", `/sessions?${new URLSearchParams(asked).toString()}`);
  const title = say("sessions.title");
  return {
    title,
    again: 15,
    body: html`<h1>${title}</h1>
<p class="lead">${say("sessions.lead")}</p>
<form class="filters" method="get" action="/ui/sessions" role="search" aria-label="${title}">
${textField({ name: "label", label: say("sessions.label"), value: label })}
${textField({ name: "server", label: say("sessions.server"), value: server })}
<div><button type="submit">${say("sessions.filter")}</button></div>
</form>
<div id="list" data-live>${pageOf(visit, data.list("sessions"), data.text("next"))}</div>`,
  };
}

function pageOf(visit: Visit, sessions: readonly Facts[], next: string | undefined): Html {
  const { say, query } = visit;
  const isFiltered = Boolean(query.server) || Boolean(query.label);
  const isEmpty = sessions.length === 0;
  return html`${isEmpty && html`<p class="after">${say(isFiltered || query.after ? "sessions.none-found" : "sessions.none")}</p>`}
${!isEmpty && table(visit, sessions)}
${next !== undefined && sessions.length < PAGE && html`<p class="soft">${say("sessions.more")}</p>`}
<p class="buttons">${isFiltered && html`<a class="button quiet" href="/ui/sessions">${say("sessions.clear")}</a>`}
${query.after && html`<a class="button quiet" href="${addressOf(query, undefined)}">${say("sessions.first")}</a>`}
${next !== undefined && html`<a class="button quiet" rel="next" href="${addressOf(query, next)}">${say("sessions.next")}</a>`}</p>`;
}

function addressOf({ after: _, ...filter }: Visit["query"], after: string | undefined): string {
  return `/ui/sessions?${new URLSearchParams({ ...filter, ...(after !== undefined && { after }) }).toString()}`;
}

function table(visit: Visit, sessions: readonly Facts[]): Html {
  const { say } = visit;
  const heads = [
    "sessions.label",
    "sessions.state",
    "sessions.server",
    "sessions.account",
    "sessions.address",
    "sessions.begun",
    "sessions.used",
  ] as const;
  return html`<div class="table"><table class="stack">
<caption>${say("sessions.caption")}</caption>
<thead><tr>${heads.map((key) => html`<th scope="col">${say(key)}</th>`)}</tr></thead>
<tbody>
${sessions.map((one) => row(visit, one))}</tbody>
</table></div>`;
}

function row(visit: Visit, session: Facts): Html {
  const { say } = visit;
  const time = (name: string) => {
    const at = session.text(name);
    return at !== undefined && shortTime(visit, at);
  };
  return html`<tr><th scope="row"><a href="/ui/sessions/${encodeURIComponent(session.text("id") ?? "")}">${programOf(visit, session)}</a></th>
<td>${sessionBadge(visit, session)}</td>
<td data-label="${say("sessions.server")}">${session.text("server")}</td>
<td data-label="${say("sessions.account")}">${accountOf(session)}</td>
<td data-label="${say("sessions.address")}">${session.text("address")}</td>
<td data-label="${say("sessions.begun")}">${time("created_time")}</td>
<td data-label="${say("sessions.used")}">${time("last_used_time")}</td></tr>
`;
}
