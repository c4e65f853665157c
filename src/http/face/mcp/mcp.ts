import { type Html, html } from "../../../html.ts";
import type { Deps, VaultApp } from "../../app-types.ts";
import { inPath, orNothing } from "../api.ts";
import type { Facts } from "../facts.ts";
import { type Screen, screenAt } from "../frame.ts";
import { table } from "../table.ts";
import type { Visit } from "../visit.ts";

/** Servers of a page: each is read, since a list does not tell their providers. */
const PAGE = 100;

/** `/ui/mcp`: which tools may be called at whose servers, and which were. Agents reach those of the first mount alone (docs/access.md). */
export function mcpServers(app: VaultApp, deps: Deps): void {
  const { first: mount } = deps.mounts;
  screenAt(app, deps, "/ui/mcp", (visit) => mcpScreen(visit, mount));
}

async function mcpScreen(visit: Visit, mount: string): Promise<Screen> {
  const { say, ask, query } = visit;
  const asked = new URLSearchParams({ list: "true", limit: String(PAGE), ...(query.after && { after: query.after }) });
  // A list of nothing is a 404.
  const names = (await orNothing(ask("GET", `${mount}/servers?${asked.toString()}`), 404))?.texts("keys") ?? [];
  const read = await Promise.all(
    names.map(async (name) => ({ name, data: await orNothing(ask("GET", `${mount}/servers/${inPath(name)}`)) })),
  );
  const rows = read.flatMap(({ name, data }) => (data && isMcp(data) ? [row(visit, mount, name, data)] : []));
  const next = names.length === PAGE ? names.at(-1) : undefined;
  const heads = ["mcp.server", "mcp.url", "mcp.who", "mcp.allowed", "mcp.denied"] as const;
  const title = say("mcp.title");
  return {
    title,
    again: 15,
    body: html`<h1>${title}</h1>
<p class="lead">${say("mcp.lead")}</p>
<div id="list" data-live>${rows.length === 0 ? html`<p>${say("mcp.none")}</p>` : table(visit, say("mcp.caption", { mount }), heads, rows)}
${next !== undefined && html`<p class="buttons"><a class="button quiet" rel="next" href="/ui/mcp?${new URLSearchParams({ after: next }).toString()}">${say("servers.next")}</a></p>`}</div>
<p class="soft">${say("mcp.sessions")}</p>
<div id="calls" data-live>${await calls(visit)}</div>`,
  };
}

/** By its provider, or as an API of that name, by which `/mcp/SERVER` reaches it (docs/mcp.md). */
function isMcp(server: Facts): boolean {
  return server.text("provider") === "mcp" || server.of("proxy_apis").knows("mcp");
}

function row({ say }: Visit, mount: string, name: string, data: Facts): Html {
  const options = data.of("provider_options");
  return html`<tr><th scope="row"><a href="/ui/servers/${inPath(`${mount}/${name}`)}">${name}</a></th>
<td data-label="${say("mcp.url")}">${options.text("url") ?? options.text("urls") ?? data.of("proxy_apis").text("mcp")}</td>
<td data-label="${say("mcp.who")}">${say(data.isTrue("allow_sessions") ? "mcp.who.anybody" : "mcp.who.token")}</td>
<td data-label="${say("mcp.allowed")}">${data.text("allow_tools") || say("mcp.all")}</td>
<td data-label="${say("mcp.denied")}">${data.text("deny_tools")}</td></tr>
`;
}

/** What this instance has counted, for whoever may know it. */
async function calls(visit: Visit): Promise<Html> {
  const { say, ask } = visit;
  const activity = await orNothing(ask("GET", "sys/activity"));
  if (!activity) return html``;
  const rows = activity.list("mcp_calls").map(
    (one) =>
      html`<tr><th scope="row">${one.text("tool") || say("mcp.others")}</th>
<td data-label="${say("mcp.server")}">${one.text("server")}</td>
<td data-label="${say("mcp.count")}">${one.count("calls")}</td>
<td data-label="${say("mcp.refused")}">${one.count("refused")}</td></tr>
`,
  );
  const heads = ["mcp.tool", "mcp.server", "mcp.count", "mcp.refused"] as const;
  return html`<h2>${say("mcp.calls")}</h2>
${rows.length === 0 ? html`<p>${say("mcp.calls.none")}</p>` : table(visit, say("mcp.calls.caption"), heads, rows)}
<p class="small soft">${say("overview.instance")}</p>`;
}
