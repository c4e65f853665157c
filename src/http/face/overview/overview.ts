import { type Html, html } from "../../../html.ts";
import type { Deps, VaultApp } from "../../app-types.ts";
import { inPath, orNothing } from "../api.ts";
import { credentialPath } from "../credentials/paths.ts";
import { stateBadge } from "../credentials/states.ts";
import type { Facts } from "../facts.ts";
import { show } from "../frame.ts";
import { mountFor, mountLinks } from "../mount-choice.ts";
import { seesNothing } from "../navigation.ts";
import { table } from "../table.ts";
import { relativeText } from "../times.ts";
import { goTo, requireSignedIn, type Visit } from "../visit.ts";
import { ownToken } from "./own-token.ts";
import { spans } from "./spans.ts";

/** `/ui`: what an operator wants to know first. What the token may not see is left out. */
export function overview(app: VaultApp, deps: Deps): void {
  // As people type it who know the like elsewhere.
  app.get("/ui/", { schema: { hide: true }, handler: async (_request, reply) => goTo(reply, "/ui") });
  app.get("/ui", {
    schema: { hide: true },
    handler: async (request, reply) => {
      const visit = requireSignedIn(request);
      const { say } = visit;
      const title = say("overview.title");
      const mount = await mountFor(visit, (one) => [`${one}/creds/`, `${one}/servers/`]);
      const activity = await orNothing(visit.ask("GET", "sys/activity"));
      const isLost = activity === undefined && (await seesNothing(visit, deps));
      const body = html`<h1>${title}</h1>
<div id="health" data-live>${await health(visit, activity)}</div>
${isLost && html`<p class="warning">${say("home.nothing")}</p>\n`}${mountLinks(visit, "/ui", mount)}<div id="attention" data-live>${await attention(visit, mount)}</div>
<div id="servers" data-live>${await serversInTrouble(visit, mount)}</div>
<div id="now" data-live>${activity && now(visit, activity)}</div>
<div id="spans" data-live>${activity && spans(visit, activity)}</div>
<h2>${say("overview.you")}</h2>
${await ownToken(visit)}`;
      return show(reply, visit, deps, { title, body, again: 5 });
    },
  });
}

/** Anybody may know it. */
async function health({ say, ask }: Visit, activity: Facts | undefined): Promise<Html> {
  const { data } = await ask("GET", "sys/health?standbycode=200&sealedcode=200");
  const paused = activity?.count("servers_paused") ?? 0;
  const said = activity?.isTrue("moved")
    ? say("overview.moved")
    : data.isTrue("standby")
      ? say("overview.copy")
      : data.isTrue("sealed")
        ? say("overview.sealed")
        : paused > 0
          ? say("overview.paused", { count: paused })
          : undefined;
  return html`<p class="lead" role="status"><span class="state ${said === undefined ? "good" : "bad"}">${said ?? say("overview.good")}</span></p>`;
}

/** As many as are read at a glance. */
const SHOWN = 8;

async function attention(visit: Visit, mount: string): Promise<Html> {
  const { say, ask } = visit;
  const listed = await orNothing(ask("GET", `${mount}/creds?list=true&status=failing&limit=${SHOWN}`), 403);
  if (!listed) return html``;
  const keys = listed.texts("keys");
  const info = listed.of("key_info");
  const address = (status: string) => `/ui/credentials?${new URLSearchParams({ mount, status }).toString()}`;
  const rows = keys.map(
    (name) =>
      html`<tr><th scope="row"><a href="${credentialPath(mount, name)}">${name}</a></th><td>${stateBadge(visit, info.of(name))}</td><td>${info.of(name).text("server")}</td></tr>\n`,
  );
  return html`<h2>${say("overview.attention")}</h2>
${keys.length === 0 && html`<p>${say("overview.attention.none")}</p>`}${
  keys.length > 0 &&
  html`${table(visit, say("overview.attention.caption"), ["credentials.name", "credentials.state", "credentials.server"], rows)}
<p><a href="${address("failing")}">${say("overview.attention.all")}</a></p>`
}<p><a href="${address("pending")}">${say("overview.pending")}</a></p>`;
}

/** Servers that are read for it; whoever has more looks at their own screen. */
const READ = 50;

async function serversInTrouble(visit: Visit, mount: string): Promise<Html> {
  const { say, ask, language, now: present } = visit;
  const names = (await orNothing(ask("GET", `${mount}/servers?list=true&limit=${READ}`)))?.texts("keys") ?? [];
  const rows: Html[] = [];
  for (const name of names) {
    const trouble = (await orNothing(ask("GET", `${mount}/servers/${inPath(name)}`)))?.of("last_trouble");
    const [at, text = ""] = [trouble?.text("time"), trouble?.text("text")];
    if (at === undefined || trouble?.knows("answered_time")) continue;
    const when = relativeText(language, Date.parse(at) - present);
    rows.push(html`<dt>${name}</dt><dd>${say("overview.servers.since", { text, when })}</dd>\n`);
  }
  if (rows.length === 0) return html``;
  return html`<h2>${say("overview.servers")}</h2>
<dl class="facts">${rows}</dl>`;
}

function now({ say }: Visit, activity: Facts): Html {
  const due = activity.of("due");
  const tasks = due.names().filter((task) => (due.count(task) ?? 0) > 0);
  const waiting = tasks.map((task) => say("overview.now.task", { task, count: due.count(task) ?? 0 })).join(", ");
  return html`<h2>${say("overview.now")}</h2>
<dl class="facts">
<dt>${say("overview.now.due")}</dt><dd>${waiting === "" ? say("overview.now.none") : waiting}</dd>
<dt>${say("overview.now.operations")}</dt><dd>${activity.count("operations")}</dd>
<dt>${say("overview.now.waiting")}</dt><dd>${activity.count("waiting")}</dd>
<dt>${say("overview.now.programs")}</dt><dd>${activity.count("programs")}</dd>
</dl>`;
}
