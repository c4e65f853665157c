import { type Html, html } from "../../../html.ts";
import { sayNamed } from "../../../messages/face/index.ts";
import { accountOf } from "../credentials/states.ts";
import type { Facts } from "../facts.ts";
import { addressOf } from "../filter.ts";
import { table } from "../table.ts";
import { shortTime } from "../times.ts";
import type { Visit } from "../visit.ts";

const LOOKS: Readonly<Record<string, string>> = { active: "good", pending: "wait" };

export function sessionBadge({ language }: Visit, session: Facts): Html {
  const status = session.text("status") ?? "";
  const look = (Object.hasOwn(LOOKS, status) && LOOKS[status]) || "bad";
  return html`<span class="state ${look}">${sayNamed(language, "session", status)}</span>`;
}

/** What it calls itself. */
export function programOf({ say }: Visit, session: Facts): string {
  return session.text("label") ?? say("sessions.no-label");
}

/** Its own screen, which leads back to the one that led there. */
export function sessionAddress(visit: Visit, session: Facts, to?: "end"): string {
  const screen = `/ui/sessions/${encodeURIComponent(session.text("id") ?? "")}`;
  return addressOf(screen, { do: to, from: isOfMine(visit) ? "mine" : undefined });
}

/** Whether this screen is My logins, or was come to from there. */
export function isOfMine({ path, query }: Visit): boolean {
  return query.from === "mine" || /^\/ui\/mine(?:\?|$)/.test(path);
}

/** Sessions, as the API lists them. */
export function sessionTable(visit: Visit, caption: string, sessions: readonly Facts[]): Html {
  const heads = [
    "sessions.label",
    "sessions.state",
    "sessions.server",
    "sessions.account",
    "sessions.address",
    "sessions.begun",
    "sessions.used",
  ] as const;
  return table(
    visit,
    caption,
    heads,
    sessions.map((one) => sessionRow(visit, one)),
  );
}

function sessionRow(visit: Visit, session: Facts): Html {
  const { say } = visit;
  const time = (name: string) => {
    const at = session.text(name);
    return at !== undefined && shortTime(visit, at);
  };
  return html`<tr><th scope="row"><a href="${sessionAddress(visit, session)}">${programOf(visit, session)}</a></th>
<td>${sessionBadge(visit, session)}</td>
<td data-label="${say("sessions.server")}">${session.text("server")}</td>
<td data-label="${say("sessions.account")}">${accountOf(session)}</td>
<td data-label="${say("sessions.address")}">${session.text("address")}</td>
<td data-label="${say("sessions.begun")}">${time("created_time")}</td>
<td data-label="${say("sessions.used")}">${time("last_used_time")}</td></tr>
`;
}
