import { type Html, html } from "../../../html.ts";
import type { PlainFaceKey } from "../../../messages/face/index.ts";
import { inPath } from "../api.ts";
import type { Facts } from "../facts.ts";
import type { May } from "../may.ts";
import { qrPicture } from "../qr.ts";
import { sentence } from "../texts.ts";
import { leftText, relativeText, timeText } from "../times.ts";
import type { Visit } from "../visit.ts";
import type { Place } from "./paths.ts";
import { accountOf, stateOf } from "./states.ts";

/** What a person must do, in words; and what is known of it. */
export function about(visit: Visit, { mount }: Place, state: Facts, may: May): Html {
  const { say } = visit;
  const [why, reason] = [state.text("error_description"), state.text("reason")];
  const server = state.text("server") ?? "";
  const { fixedBy } = stateOf(state) ?? {};
  const isServers = (fixedBy === "operator" || fixedBy === "time") && may("read", `${mount}/servers/${server}`);
  return html`<h2>${say("todo.title")}</h2>
${why !== undefined && html`<p>${sentence(why)}</p>\n`}<p>${say(todoOf(state))}${isServers && html` <a href="/ui/servers/${inPath(`${mount}/${server}`)}">${say("todo.server", { server })}</a>.`}</p>
${reason !== undefined && html`<p class="small soft">${say("reason", { reason })}</p>\n`}${facts(visit, state)}`;
}

export function facts(visit: Visit, state: Facts): Html {
  const { say } = visit;
  return html`<h2>${say("credential.facts")}</h2>
<dl class="facts">${factsOf(visit, state).map(([key, value]) => html`<dt>${say(key)}</dt><dd>${value}</dd>\n`)}</dl>`;
}

function todoOf(state: Facts): PlainFaceKey & `todo.${string}` {
  if (state.text("status") === "pending" && !state.knows("reason")) return "todo.pending";
  switch (stateOf(state)?.fixedBy) {
    case "person":
      if (state.text("status") === "pending") return "todo.pending";
      return state.isTrue("retryable") ? "todo.person" : "todo.person-again";
    case "operator":
      return "todo.operator";
    case "time":
      return "todo.retried";
    default:
      return state.isTrue("refreshable") ? "todo.none" : "todo.none-static";
  }
}

type Fact = readonly [key: PlainFaceKey, value: Html | string];

function factsOf(visit: Visit, state: Facts): readonly Fact[] {
  const { say } = visit;
  const time = (key: PlainFaceKey, name: string): readonly Fact[] => {
    const at = state.text(name);
    return at === undefined ? [] : [[key, timeText(visit, at)]];
  };
  const text = (key: PlainFaceKey, value = ""): readonly Fact[] => (value === "" ? [] : [[key, value]]);
  const isIssued = state.text("status") === "issued";
  const isEndless = isIssued && !state.knows("expire_time");
  return [
    ...text("credentials.server", state.text("server")),
    ...text("credentials.account", accountOf(state)),
    ...text("credential.scopes", state.texts("scopes").join(", ")),
    ...time("credential.issued", "issue_time"),
    ...time(isIssued ? "credential.expires" : "credential.login-expires", "expire_time"),
    ...text("credential.expires", isEndless ? say("credential.never") : ""),
    ...time("credential.refresh-expires", "refresh_expire_time"),
    ...text(
      "credential.refreshed",
      isIssued && state.knows("refreshable") ? say(state.isTrue("refreshable") ? "yes" : "no") : "",
    ),
    ...text("credential.provider-error", state.text("provider_error")),
    ...nextOf(visit, state),
  ];
}

const TASKS = ["poll", "refresh", "redeem", "expire", "reap"] as const;

function nextOf({ say, language, now }: Visit, state: Facts): readonly Fact[] {
  const [task, at] = [state.text("next_task"), state.text("next_time")];
  if (task === undefined || at === undefined) return [];
  const known = TASKS.find((one) => one === task);
  const when = relativeText(language, Date.parse(at) - now);
  return [["credential.next", known ? say(`task.${known}`, { when }) : say("task.other", { task, when })]];
}

/** What a person needs to approve it: an address and a code, the same as a picture, or a link; and how long there is. */
export function pendingPart(visit: Visit, state: Facts): Html {
  const { say, now } = visit;
  const [code, address, link] = [state.text("user_code"), state.text("verification_uri"), state.text("url")];
  const whole = state.text("verification_uri_complete");
  const ends = Date.parse(state.text("expire_time") ?? "");
  return html`<section class="panel" aria-labelledby="pending-title"><h2 id="pending-title">${say("pending.title")}</h2>
<div class="beside"><div>
${address !== undefined && html`<p>${say("pending.address")}<br><a rel="noreferrer" target="_blank" href="${webAddress(whole ?? address)}">${address}</a></p>\n`}${code !== undefined && html`<p>${say("pending.code")}<br><span class="big">${code}</span></p>\n`}${link !== undefined && html`<p>${say("pending.link")}<br><a rel="noreferrer" target="_blank" href="${webAddress(link)}">${link}</a></p>\n`}<p class="soft">${ends > now ? say("pending.left", { left: leftText(ends - now) }) : say("pending.over")}</p>
</div>${(whole ?? link) !== undefined && qrPicture(whole ?? link ?? "", say("pending.qr", { url: whole ?? link ?? "" }))}</div></section>`;
}

/** A provider names these; nothing but a web page is opened. */
function webAddress(url: string): string {
  return /^https?:\/\//i.test(url) ? url : "";
}
