import { type Html, html } from "../../../html.ts";
import type { Deps, VaultApp } from "../../app-types.ts";
import type { Facts } from "../facts.ts";
import { textField } from "../fields.ts";
import { type Screen, screenAt } from "../frame.ts";
import type { Visit } from "../visit.ts";
import { sessionTable } from "./states.ts";

const PAGE = 50;

/** `/ui/sessions`: those that the token may see, a page at a time. */
export function sessionList(app: VaultApp, deps: Deps): void {
  screenAt(app, deps, "/ui/sessions", listScreen);
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
${!isEmpty && sessionTable(visit, say("sessions.caption"), sessions)}
${next !== undefined && sessions.length < PAGE && html`<p class="soft">${say("sessions.more")}</p>`}
<p class="buttons">${isFiltered && html`<a class="button quiet" href="/ui/sessions">${say("sessions.clear")}</a>`}
${query.after && html`<a class="button quiet" href="${addressOf(query, undefined)}">${say("sessions.first")}</a>`}
${next !== undefined && html`<a class="button quiet" rel="next" href="${addressOf(query, next)}">${say("sessions.next")}</a>`}</p>`;
}

function addressOf({ after: _, ...filter }: Visit["query"], after: string | undefined): string {
  return `/ui/sessions?${new URLSearchParams({ ...filter, ...(after !== undefined && { after }) }).toString()}`;
}
