import { type Html, html } from "../../../html.ts";
import type { Deps, VaultApp } from "../../app-types.ts";
import { Refusal } from "../api.ts";
import type { Facts } from "../facts.ts";
import { textField } from "../fields.ts";
import { type Screen, screenAt, show } from "../frame.ts";
import { table } from "../table.ts";
import { sentence } from "../texts.ts";
import { timeText } from "../times.ts";
import { requireSignedIn, type Visit } from "../visit.ts";
import { areaLinks } from "./areas.ts";

/** Lines of a page. */
const PAGE = 25;

/** `/ui/access/audit`: where the audit log goes; and a search in a file of it, which is sent as a form, since a value that is looked for has no place in an address. */
export function auditDevices(app: VaultApp, deps: Deps): void {
  const url = "/ui/access/audit";
  screenAt(app, deps, url, (visit) => auditScreen(visit));
  app.post(url, {
    schema: { hide: true },
    handler: async (request, reply) => {
      const visit = requireSignedIn(request);
      return show(reply, visit, deps, await auditScreen(visit, await search(visit)));
    },
  });
}

interface Found {
  readonly status: number;
  readonly device: string;
  readonly lines: readonly Facts[];
  readonly next?: number | undefined;
  readonly problem?: string;
}

async function search({ ask, form }: Visit): Promise<Found> {
  const { device = "", text = "", before = "0" } = form;
  try {
    const body = { text: text.trim(), limit: PAGE, before: Number(before) || 0 };
    const { data } = await ask("POST", `sys/audit-search/${encodeURIComponent(device)}`, body);
    return { status: 200, device, lines: data.list("lines"), next: data.count("next") };
  } catch (error) {
    // Without the right to it, it is a refusal like any other.
    if (!(error instanceof Refusal) || error.status === 403) throw error;
    return { status: error.status, device, lines: [], problem: sentence(error.message) };
  }
}

async function auditScreen(visit: Visit, found?: Found): Promise<Screen> {
  const { say, ask } = visit;
  const { data } = await ask("GET", "sys/audit");
  const devices = data.names().filter((name) => name.endsWith("/") && data.of(name).knows("type"));
  const rows = devices.map((name) => deviceRow(visit, data.of(name), name));
  const title = say("access.audit");
  // Standard output is a file that nobody can read again.
  const files = devices.filter((name) => /^\//.test(data.of(name).of("options").text("file_path") ?? ""));
  const may = await visit.may(...files.map(searchPath));
  const searchable = files.filter((name) => may("update", searchPath(name)) && may("sudo", searchPath(name)));
  return {
    title,
    ...(found && { status: found.status }),
    body: html`<h1>${title}</h1>
${await areaLinks(visit)}<p class="lead">${say("audit.lead")}</p>
${rows.length === 0 && html`<p>${say("audit.none")}</p>`}${rows.length > 0 && table(visit, say("audit.caption"), ["audit.device", "audit.type", "audit.where"], rows)}
${rows.length > 0 && searchable.length === 0 && html`<p class="soft">${say("audit.no-search")}</p>`}
${searchable.map((name) => searchForm(visit, name.slice(0, -1), found))}`,
  };
}

function searchPath(device: string): string {
  return `sys/audit-search/${device.slice(0, -1)}`;
}

function deviceRow({ say }: Visit, device: Facts, name: string): Html {
  const options = device.of("options");
  return html`<tr><th scope="row">${name}${device.text("description") && html`<span class="help">${device.text("description")}</span>`}</th>
<td data-label="${say("audit.type")}">${device.text("type")}</td>
<td data-label="${say("audit.where")}">${options.text("file_path") ?? options.text("address")}</td></tr>
`;
}

function searchForm(visit: Visit, device: string, found: Found | undefined): Html {
  const { say, guard, form } = visit;
  const mine = found?.device === device ? found : undefined;
  const title = say("audit.search", { device });
  const text = mine ? (form.text ?? "") : "";
  const hidden = html`${guard}<input type="hidden" name="device" value="${device}">`;
  return html`<section class="panel"><h2>${title}</h2>
<form class="fields" method="post" action="/ui/access/audit">${hidden}
${textField({ name: "text", label: say("audit.text"), value: text, help: say("audit.text.help"), problem: mine?.problem })}
<div class="buttons"><button type="submit">${say("audit.submit")}</button></div>
</form>
${mine && !mine.problem && mine.lines.length === 0 && html`<p class="after">${say("audit.nothing")}</p>`}
${
  mine &&
  mine.lines.length > 0 &&
  table(
    visit,
    say("audit.lines"),
    ["timeline.when", "audit.who", "audit.what", "audit.came"],
    mine.lines.map((line) => lineRow(visit, line)),
  )
}
${
  mine?.next !== undefined &&
  html`<form method="post" action="/ui/access/audit">${hidden}<input type="hidden" name="text" value="${text}"><input type="hidden" name="before" value="${mine.next}">
<div class="buttons"><button class="quiet">${say("audit.earlier")}</button></div></form>`
}</section>
`;
}

function lineRow(visit: Visit, line: Facts): Html {
  const { say } = visit;
  const [auth, request, response] = [line.of("auth"), line.of("request"), line.of("response")];
  const at = line.text("time");
  const status = response.count("status");
  const came = line.text("error") ?? response.text("result") ?? (status === undefined ? "" : String(status));
  return html`<tr><td>${at !== undefined && timeText(visit, at)}<span class="help">${line.text("type")}</span></td>
<td data-label="${say("audit.who")}">${auth.text("display_name") ?? auth.text("session_id")}<span class="help">${request.text("remote_address")}</span></td>
<td data-label="${say("audit.what")}">${request.text("operation")} <code>${request.text("path")}</code></td>
<td data-label="${say("audit.came")}">${came}<details><summary>${say("audit.whole")}</summary><pre class="line"><code>${line.shown()}</code></pre></details></td></tr>
`;
}
