import { type Html, html } from "../../../html.ts";
import type { Deps, VaultApp } from "../../app-types.ts";
import { orNothing } from "../api.ts";
import type { Facts } from "../facts.ts";
import { type Screen, screenAt } from "../frame.ts";
import type { May } from "../may.ts";
import { factList, table } from "../table.ts";
import type { Visit } from "../visit.ts";
import { areaLinks } from "./areas.ts";

/** `/ui/access/mounts`: where credentials are, and the settings of each, as far as they may be read. */
export function mounts(app: VaultApp, deps: Deps): void {
  screenAt(app, deps, "/ui/access/mounts", (visit) => mountScreen(visit, deps.mounts.paths()));
}

async function mountScreen(visit: Visit, names: readonly string[]): Promise<Screen> {
  const { say, ask } = visit;
  const { data } = await ask("GET", "sys/mounts");
  const title = say("access.mounts");
  const may = await visit.may(...visit.mounts.map((name) => `${name}/creds/`));
  const parts = await Promise.all(names.map((name) => part(visit, may, name, data.of(`${name}/`))));
  return {
    title,
    body: html`<h1>${title}</h1>\n${await areaLinks(visit)}<p class="lead">${say("mounts.lead")}</p>\n${parts}`,
  };
}

async function part(visit: Visit, may: May, name: string, mount: Facts): Promise<Html> {
  const { say, ask } = visit;
  const settings = await orNothing(ask("GET", `${name}/config`));
  const rows = (settings?.names() ?? []).map(
    (key) => html`<tr><th scope="row"><code>${key}</code></th><td>${shownOf(settings, key)}</td></tr>\n`,
  );
  return html`<section><h2>${name}</h2>
${factList(visit, [
  ["mounts.type", mount.text("type") ?? ""],
  ["mounts.accessor", mount.text("accessor") ?? ""],
  ["mounts.redirect", mount.of("options").text("callback_url") ?? ""],
])}
${rows.length > 0 && html`<details><summary>${say("mounts.settings")}</summary>${table(visit, say("mounts.settings"), ["mounts.setting", "mounts.value"], rows)}</details>`}
${!settings && html`<p class="soft">${say("mounts.defaults")}</p>`}${visit.mounts.includes(name) && screensOf(visit, may, name)}</section>
`;
}

/** What of it the token may list. */
function screensOf({ say }: Visit, may: May, mount: string): Html {
  const to = new URLSearchParams({ mount }).toString();
  const links = [
    may("list", `${mount}/creds/`) && html`<a href="/ui/credentials?${to}">${say("nav.credentials")}</a>`,
    may("list", `${mount}/servers/`) && html` <a href="/ui/servers?${to}">${say("nav.servers")}</a>`,
  ];
  return html`<p>${links}</p>`;
}

function shownOf(settings: Facts | undefined, key: string): string {
  const value = settings?.pick(key)[key];
  return typeof value === "object" ? JSON.stringify(value) : String(value ?? "");
}
