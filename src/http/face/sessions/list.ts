import { type Html, html } from "../../../html.ts";
import type { Deps, VaultApp } from "../../app-types.ts";
import { Refusal } from "../api.ts";
import type { Facts } from "../facts.ts";
import { choices, textField } from "../fields.ts";
import { addressOf, countsPart, type Filter, filterAt, filterOf, problemPart } from "../filter.ts";
import { type Screen, screenAt } from "../frame.ts";
import type { Visit } from "../visit.ts";
import { sessionTable } from "./states.ts";

const PAGE = 50;

const FILTER: Filter = { screen: "/ui/sessions", plain: ["server", "status"], hidden: ["account", "label"] };

/** `/ui/sessions`: those that the token may see, a page at a time. */
export function sessionList(app: VaultApp, deps: Deps): void {
  screenAt(app, deps, FILTER.screen, listScreen);
  filterAt(app, FILTER);
}

async function listScreen(visit: Visit): Promise<Screen> {
  const { say, ask, query } = visit;
  const { values, isLost } = filterOf(visit, FILTER);
  const asked = { ...values, after: query.after, limit: String(PAGE), counts: "true" };
  const title = say("sessions.title");
  const head = html`<h1>${title}</h1>
<p class="lead">${say("sessions.lead")}</p>
${isLost && html`<p class="warning" role="status">${say("filter.lost")}</p>\n`}${filters(visit, values)}
`;
  try {
    const { data } = await ask("GET", addressOf("/sessions", asked));
    return { title, again: 15, body: html`${head}<div id="list" data-live>${pageOf(visit, data)}</div>` };
  } catch (error) {
    if (!(error instanceof Refusal) || error.status !== 400) throw error;
    return { title, status: 400, body: html`${head}${problemPart(error)}` };
  }
}

function filters({ say, guard }: Visit, { server = "", label = "", account = "", status = "" }: Visit["form"]): Html {
  const statuses = [["", say("sessions.all")], ...stateLabels({ say })] as const;
  return html`<form class="filters" method="post" action="${FILTER.screen}" role="search" aria-label="${say("sessions.title")}">${guard}
${textField({ name: "label", label: say("sessions.label"), value: label })}
${textField({ name: "account", label: say("sessions.account"), value: account })}
${textField({ name: "server", label: say("sessions.server"), value: server })}
${choices({ name: "status", label: say("sessions.state"), value: status, options: statuses })}
<div><button type="submit">${say("sessions.filter")}</button></div>
</form>`;
}

function stateLabels({ say }: Pick<Visit, "say">) {
  return [
    ["pending", say("session.pending")],
    ["active", say("session.active")],
    ["ended", say("sessions.ended")],
  ] as const;
}

function pageOf(visit: Visit, data: Facts): Html {
  const { say, query } = visit;
  const [sessions, next, counts] = [data.list("sessions"), data.text("next"), data.of("counts")];
  const isFiltered = [...FILTER.plain, ...FILTER.hidden].some((name) => query[name]);
  const isEmpty = sessions.length === 0;
  const states = stateLabels(visit).flatMap(([value, label]) =>
    value === "ended" ? [] : [{ value, label, count: counts.count(value) }],
  );
  return html`${countsPart(visit, FILTER, states)}${isEmpty && html`<p class="after">${say(isFiltered || query.after ? "sessions.none-found" : "sessions.none")}</p>`}
${!isEmpty && sessionTable(visit, say("sessions.caption"), sessions)}
${next !== undefined && sessions.length < PAGE && html`<p class="soft">${say("sessions.more")}</p>`}
<p class="buttons">${isFiltered && html`<a class="button quiet" href="${FILTER.screen}">${say("sessions.clear")}</a>`}
${query.after && html`<a class="button quiet" href="${addressOf(FILTER.screen, { ...query, after: "" })}">${say("sessions.first")}</a>`}
${next !== undefined && html`<a class="button quiet" rel="next" href="${addressOf(FILTER.screen, { ...query, after: next })}">${say("sessions.next")}</a>`}</p>`;
}
