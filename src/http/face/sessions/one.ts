import { type Html, html } from "../../../html.ts";
import type { PlainFaceKey } from "../../../messages/face/index.ts";
import type { Deps, VaultApp } from "../../app-types.ts";
import { textsByName } from "../../input/texts-by-name.ts";
import { credentialPath } from "../credentials/paths.ts";
import { accountOf } from "../credentials/states.ts";
import type { Facts } from "../facts.ts";
import { type Screen, screenAt, show } from "../frame.ts";
import { seesScreen } from "../navigation.ts";
import { sentence } from "../texts.ts";
import { timeText } from "../times.ts";
import { requireSignedIn, type Visit } from "../visit.ts";
import { isOfMine, programOf, sessionAddress, sessionBadge } from "./states.ts";

/** `/ui/sessions/ID`: whose, since when, from where; and its end. */
export function session(app: VaultApp, deps: Deps): void {
  const url = "/ui/sessions/:id";
  const { first: mount } = deps.mounts;
  screenAt(app, deps, url, async (visit, request) => {
    const { data } = await visit.ask("GET", pathOf(request.params));
    return visit.query.do === "end" ? askFirst(visit, data) : oneScreen(visit, mount, data);
  });
  app.post(url, {
    schema: { hide: true },
    handler: async (request, reply) => {
      const visit = requireSignedIn(request);
      const { warnings } = await visit.ask("DELETE", pathOf(request.params));
      const isBackToMine = isOfMine(visit) || !(await seesScreen(visit, deps, "/ui/sessions"));
      return show(reply, visit, deps, endedScreen(visit, warnings, isBackToMine));
    },
  });
}

/** In the API. */
function pathOf(params: unknown): string {
  return `/sessions/${encodeURIComponent(textsByName(params).id ?? "")}`;
}

async function oneScreen(visit: Visit, mount: string, data: Facts): Promise<Screen> {
  const { say } = visit;
  const title = say("session.title", { program: programOf(visit, data) });
  const credential = data.text("credential") ?? "";
  const login = `${mount}/creds/${credential}`;
  const may = await visit.may(login, `${login}/history`);
  const seesLogin = may("read", login) || may("read", `${login}/history`);
  return {
    title,
    again: 10,
    body: html`<h1>${title}</h1>
<p class="lead" id="state" data-live role="status">${sessionBadge(visit, data)}</p>
<dl class="facts" id="about" data-live>${factsOf(visit, data).map(([key, value]) => html`<dt>${say(key)}</dt><dd>${value}</dd>\n`)}</dl>
${seesLogin && html`<p><a href="${credentialPath(mount, credential)}">${say("session.credential.link")}</a></p>\n`}${data.isTrue("may_end") && html`<div class="buttons"><a class="button quiet" href="${sessionAddress(visit, data, "end")}">${say("session.end")}</a></div>`}`,
  };
}

function factsOf(visit: Visit, data: Facts): readonly (readonly [PlainFaceKey, Html | string])[] {
  const time = (name: string) => {
    const at = data.text(name);
    return at === undefined ? "" : timeText(visit, at);
  };
  const all: readonly (readonly [PlainFaceKey, Html | string])[] = [
    ["sessions.server", data.text("server") ?? ""],
    ["sessions.account", accountOf(data)],
    ["session.scopes", data.texts("scopes").join(", ")],
    ["sessions.address", data.text("address") ?? ""],
    ["sessions.begun", time("created_time")],
    ["sessions.used", time("last_used_time")],
    ["session.reason", data.text("reason") ?? ""],
    ["session.id", data.text("id") ?? ""],
  ];
  return all.filter(([, value]) => value !== "");
}

function askFirst(visit: Visit, data: Facts): Screen {
  const { say, guard } = visit;
  const address = sessionAddress(visit, data);
  const title = say("session.end.title", { program: programOf(visit, data) });
  return {
    title,
    body: html`<h1>${title}</h1>
<p>${say("session.end.text")}</p>
<form method="post" action="${address}">${guard}
<div class="buttons"><button class="deny">${say("session.end.submit")}</button>
<a class="button quiet" href="${address}">${say("session.end.cancel")}</a></div>
</form>`,
  };
}

function endedScreen({ say }: Visit, warnings: readonly string[], isBackToMine: boolean): Screen {
  const title = say("session.ended.title");
  return {
    title,
    body: html`<h1>${title}</h1>
<p>${say("session.ended.text")}</p>
${warnings.map((warning) => html`<p class="warning">${sentence(warning)}</p>\n`)}<div class="buttons">${isBackToMine ? html`<a class="button" href="/ui/mine">${say("session.ended.back-mine")}</a>` : html`<a class="button" href="/ui/sessions">${say("session.ended.back")}</a>`}</div>`,
  };
}
