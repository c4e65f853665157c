import { type Html, html } from "../../../html.ts";
import type { PlainFaceKey } from "../../../messages/face/index.ts";
import type { Deps, VaultApp } from "../../app-types.ts";
import { inPath } from "../api.ts";
import { type Place, placeIn } from "../credentials/paths.ts";
import type { Facts } from "../facts.ts";
import { type Screen, screenAt } from "../frame.ts";
import { goTo, requireSignedIn, type Visit } from "../visit.ts";
import { isKeyed } from "./form.ts";
import { troubleText } from "./list.ts";
import { trialPath } from "./trial.ts";

/** `/ui/servers/MOUNT/NAME`: what is known of it; and its end, after it was said what that ends. */
export function server(app: VaultApp, deps: Deps): void {
  const url = "/ui/servers/*";
  screenAt(app, deps, url, async (visit, request) => {
    const place = placeIn(request, visit);
    return visit.query.do === "delete" ? askFirst(visit, place) : oneScreen(visit, place);
  });
  app.post(url, {
    schema: { hide: true },
    handler: async (request, reply) => {
      const visit = requireSignedIn(request);
      const { mount, name } = placeIn(request, visit);
      await visit.ask("DELETE", `${mount}/servers/${inPath(name)}`);
      return goTo(reply, `/ui/servers?${new URLSearchParams({ mount }).toString()}`);
    },
  });
}

function addressOf({ mount, name }: Place): string {
  return `/ui/servers/${inPath(`${mount}/${name}`)}`;
}

async function oneScreen(visit: Visit, place: Place): Promise<Screen> {
  const { say, ask, query } = visit;
  const { mount, name } = place;
  const path = `${mount}/servers/${name}`;
  const { data } = await ask("GET", `${mount}/servers/${inPath(name)}`);
  const list = `${mount}/creds/`;
  const may = await visit.may(path, list, trialPath(place));
  const edit = new URLSearchParams({ mount, name, provider: data.text("provider") ?? "" });
  return {
    title: name,
    body: html`<h1>${name}</h1>
${query.did === "saved" && html`<p class="note" role="status">${say("server.saved")}</p>\n`}<dl class="facts">${factsOf(visit, data).map(([key, value]) => html`<dt>${say(key)}</dt><dd>${value}</dd>\n`)}</dl>
${may("list", list) && html`<p><a href="/ui/credentials?${new URLSearchParams({ mount, server: name }).toString()}">${say("server.credentials")}</a></p>\n`}${isKeyed(data) && may("update", path) && html`<p class="soft">${say("server.no-edit")}</p>\n`}<div class="buttons">${may("update", path) && !isKeyed(data) && html`<a class="button quiet" href="/ui/new-server?${edit.toString()}">${say("server.edit")}</a>`}
${may("update", trialPath(place)) && html`<a class="button quiet" href="/ui/test-server/${inPath(`${mount}/${name}`)}">${say("server.test")}</a>`}
${may("delete", path) && html`<a class="button quiet" href="${addressOf(place)}?do=delete">${say("server.delete")}</a>`}</div>`,
  };
}

function factsOf(visit: Visit, data: Facts): readonly (readonly [PlainFaceKey, Html | string])[] {
  const { say } = visit;
  const options = data.of("provider_options");
  const lines = options.names().map((name) => html`<code>${name}=${options.text(name)}</code><br>`);
  const all: readonly (readonly [PlainFaceKey, Html | string])[] = [
    ["servers.provider", data.text("provider") ?? ""],
    ["servers.client", data.text("client_id") || say("servers.registered")],
    ["server.method", data.text("token_endpoint_auth_method") ?? ""],
    ["server.options", lines.length === 0 ? "" : html`${lines}`],
    ["server.sessions", say(data.isTrue("allow_sessions") ? "yes" : "no")],
    ["servers.trouble", troubleText(visit, data)],
  ];
  return all.filter(([, value]) => value !== "");
}

async function askFirst(visit: Visit, place: Place): Promise<Screen> {
  const { say, ask, guard } = visit;
  const { mount, name } = place;
  const { data } = await ask("GET", `${mount}/plan/servers/${inPath(name)}`);
  const [credentials, sessions] = [data.count("credentials") ?? 0, data.count("sessions") ?? 0];
  const title = say("server.delete.title", { name });
  const isUsed = credentials + sessions > 0;
  return {
    title,
    body: html`<h1>${title}</h1>
<p${isUsed && html` class="warning"`}>${isUsed ? say("server.delete.uses", { credentials, sessions }) : say("server.delete.none")}</p>
<form method="post" action="${addressOf(place)}">${guard}
<div class="buttons"><button class="deny">${say("server.delete.submit")}</button>
<a class="button quiet" href="${addressOf(place)}">${say("server.delete.cancel")}</a></div>
</form>`,
  };
}
