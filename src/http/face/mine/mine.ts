import { type Html, html } from "../../../html.ts";
import type { Deps, VaultApp } from "../../app-types.ts";
import { orNothing } from "../api.ts";
import type { Facts } from "../facts.ts";
import { type Screen, screenAt } from "../frame.ts";
import { programOf, sessionAddress, sessionTable } from "../sessions/states.ts";
import { table } from "../table.ts";
import { leftText } from "../times.ts";
import type { Visit } from "../visit.ts";

/** Sessions that one question to the API looks at, and questions for one page: whose a session is no index knows. */
const LOOKED_AT = 1_000;
const MOST_ASKED = 2;

/** Logins that wait are read one by one. */
const MOST_WAITING = 20;

/** `/ui/mine`: for everybody who has signed in. What programs hold of their account, and what waits for them. */
export function mine(app: VaultApp, deps: Deps): void {
  screenAt(app, deps, "/ui/mine", mineScreen);
}

async function mineScreen(visit: Visit): Promise<Screen> {
  const { say, query } = visit;
  const { sessions, next } = await sessionsOf(visit);
  const waiting = sessions.filter((one) => one.text("status") === "pending").slice(0, MOST_WAITING);
  const held = sessions.filter((one) => one.text("status") !== "pending");
  const title = say("mine.title");
  return {
    title,
    again: 15,
    body: html`<h1>${title}</h1>
<p class="lead">${say("mine.lead")}</p>
<div id="waiting" data-live>${await waitingPart(visit, waiting)}</div>
<div id="held" data-live>${heldPart(visit, held)}
${next !== undefined && html`<p class="soft">${say("mine.more")}</p>\n<p class="buttons"><a class="button quiet" rel="next" href="/ui/mine?${new URLSearchParams({ after: next }).toString()}">${say("sessions.next")}</a></p>`}
${query.after !== undefined && html`<p class="buttons"><a class="button quiet" href="/ui/mine">${say("sessions.first")}</a></p>`}</div>
<h2>${say("mine.code.title")}</h2>
<p>${say("mine.code.text")} <a href="/device">${say("mine.code.link")}</a></p>`,
  };
}

/** An honest bound: a page says that there is more to look at. */
async function sessionsOf({ ask, query }: Visit) {
  const sessions: Facts[] = [];
  let after = query.after ?? "";
  for (let times = 0; times < MOST_ASKED; times++) {
    const asked = new URLSearchParams({ whose: "mine", limit: String(LOOKED_AT), ...(after !== "" && { after }) });
    const { data } = await ask("GET", `/sessions?${asked.toString()}`);
    sessions.push(...data.list("sessions"));
    const next = data.text("next");
    if (next === undefined) return { sessions };
    after = next;
  }
  return { sessions, next: after };
}

async function waitingPart(visit: Visit, waiting: readonly Facts[]): Promise<Html> {
  const { say, ask } = visit;
  if (waiting.length === 0) return html``;
  const read = await Promise.all(
    waiting.map((one) => orNothing(ask("GET", `/sessions/${encodeURIComponent(one.text("id") ?? "")}`))),
  );
  const parts = read.flatMap((one) => (one ? [waitingRow(visit, one)] : []));
  return html`<h2>${say("mine.waiting")}</h2>
<p>${say("mine.waiting.text")}</p>
${table(visit, say("mine.waiting.caption"), ["sessions.label", "sessions.server", "sessions.address", "mine.decide"], parts)}`;
}

function waitingRow(visit: Visit, session: Facts): Html {
  const { say } = visit;
  const address = session.text("verification_uri_complete") ?? session.text("verification_uri") ?? "";
  const left = leftText((session.count("expires_in") ?? 0) * 1000);
  return html`<tr><th scope="row">${programOf(visit, session)}</th>
<td data-label="${say("sessions.server")}">${session.text("server")}</td>
<td data-label="${say("sessions.address")}">${session.text("address")}</td>
<td data-label="${say("mine.decide")}">${/^https?:\/\//i.test(address) && html`<a rel="noreferrer" href="${address}">${say("mine.decide.link")}</a>`} ${session.isTrue("may_end") && html`<a href="${sessionAddress(visit, session, "end")}">${say("mine.deny")}</a>`}
<span class="help">${session.text("user_code")}, ${say("pending.left", { left })}</span></td></tr>
`;
}

function heldPart(visit: Visit, held: readonly Facts[]): Html {
  const { say } = visit;
  const isEmpty = held.length === 0;
  return html`<h2>${say("mine.held")}</h2>
${isEmpty ? html`<p>${say("mine.none")}</p>` : sessionTable(visit, say("mine.caption"), held)}`;
}
