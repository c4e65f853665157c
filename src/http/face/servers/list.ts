import { type Html, html } from "../../../html.ts";
import type { Deps, VaultApp } from "../../app-types.ts";
import { inPath, orNothing } from "../api.ts";
import { Facts } from "../facts.ts";
import { type Screen, screenAt } from "../frame.ts";
import { mountFor, mountLinks } from "../mount-choice.ts";
import { table } from "../table.ts";
import { relativeText } from "../times.ts";
import type { Visit } from "../visit.ts";

/** Each is read for what is told of it. */
const PAGE = 50;

/** `/ui/servers` */
export function serverList(app: VaultApp, deps: Deps): void {
  screenAt(app, deps, "/ui/servers", listScreen);
}

async function listScreen(visit: Visit): Promise<Screen> {
  const { say, query, ask } = visit;
  const mount = await mountFor(visit, (one) => [`${one}/servers/`, `${one}/servers/new`]);
  const asked = new URLSearchParams({ list: "true", limit: String(PAGE), ...(query.after && { after: query.after }) });
  // A list of nothing is a 404.
  const listed = await orNothing(ask("GET", `${mount}/servers?${asked.toString()}`), 404);
  const names = listed?.texts("keys") ?? [];
  const may = await visit.may(`${mount}/servers/new`);
  const rows = await Promise.all(names.map((name) => row(visit, mount, name)));
  const title = say("servers.title");
  const next = names.length === PAGE ? names.at(-1) : undefined;
  const heads = ["servers.name", "servers.provider", "servers.client", "servers.trouble"] as const;
  return {
    title,
    again: 15,
    body: html`<h1>${title}</h1>
${mountLinks(visit, "/ui/servers", mount)}<p class="lead">${say("servers.lead")}</p>
${may("update", `${mount}/servers/new`) && html`<div class="buttons"><a class="button" href="/ui/new-server?${new URLSearchParams({ mount }).toString()}">${say("servers.add")}</a></div>\n`}<div id="list" data-live>
${names.length === 0 && html`<p class="after">${say("servers.none")}</p>`}${
  names.length > 0 && table(visit, say("servers.caption", { mount }), heads, rows)
}
${next !== undefined && html`<p class="buttons"><a class="button quiet" rel="next" href="/ui/servers?${new URLSearchParams({ mount, after: next }).toString()}">${say("servers.next")}</a></p>`}
</div>`,
  };
}

/** What the token may list it need not be able to read. */
async function row(visit: Visit, mount: string, name: string): Promise<Html> {
  const { say, ask } = visit;
  const asked = ask("GET", `${mount}/servers/${inPath(name)}`);
  const data = (await orNothing(asked, 403, 404, 500, 503)) ?? new Facts({});
  return html`<tr><th scope="row"><a href="/ui/servers/${inPath(`${mount}/${name}`)}">${name}</a></th>
<td data-label="${say("servers.provider")}">${data.text("provider")}</td>
<td data-label="${say("servers.client")}">${data.text("client_id") || (data.text("provider") && say("servers.registered"))}</td>
<td data-label="${say("servers.trouble")}">${troubleText(visit, data)}</td></tr>
`;
}

/** The last request that got no answer, and whether it has answered since. */
export function troubleText({ say, language, now }: Visit, data: Facts): string {
  const trouble = data.of("last_trouble");
  const [at, text = ""] = [trouble.text("time"), trouble.text("text")];
  if (at === undefined) return "";
  const when = relativeText(language, Date.parse(at) - now);
  return say(trouble.knows("answered_time") ? "servers.answered" : "servers.silent", { text, when });
}
