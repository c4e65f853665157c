import { type Html, html } from "../../../html.ts";
import type { Deps, VaultApp } from "../../app-types.ts";
import { inPath, orNothing, Refusal } from "../api.ts";
import type { Facts } from "../facts.ts";
import { choices, textField } from "../fields.ts";
import { addressOf, countsPart, type Filter, filterAt, filterOf, problemPart } from "../filter.ts";
import { type Screen, screenAt } from "../frame.ts";
import { mountFor } from "../mount-choice.ts";
import { table } from "../table.ts";
import { shortTime } from "../times.ts";
import { goTo, requireSignedIn, type Visit } from "../visit.ts";
import { credentialPath, mountIn } from "./paths.ts";
import { accountOf, stateBadge } from "./states.ts";

const PAGE = 50;

const FILTER: Filter = {
  screen: "/ui/credentials",
  plain: ["mount", "prefix", "server", "status"],
  hidden: ["account"],
};

/** A filter's answer looks at 1,000 credentials of its index; so many of them make a page, at most. */
const MOST_ASKED = 3;

const STATUSES = ["pending", "issued", "failed", "failing"] as const;

/** `/ui/credentials`: one page of the list, which the API reads by its index, however many there are; `/ui/open` leads to one by its name. */
export function credentialList(app: VaultApp, deps: Deps): void {
  screenAt(app, deps, FILTER.screen, listScreen);
  filterAt(app, FILTER);
  app.get("/ui/open", {
    schema: { hide: true },
    handler: async (request, reply) => {
      const visit = requireSignedIn(request);
      return goTo(reply, credentialPath(mountIn(visit.query, visit), (visit.query.name ?? "").trim()));
    },
  });
}

interface Listed {
  readonly name: string;
  readonly info: Facts;
}

interface Page {
  readonly found: readonly Listed[];
  readonly next?: string | undefined;
  readonly counts?: Facts | undefined;
}

async function listScreen(visit: Visit): Promise<Screen> {
  const { say, query } = visit;
  // Of the folder that is looked at: what may be written there has no name yet.
  const begunIn = (mount: string) => `${mount}/creds/${folderOf(query)}new`;
  const mount = await mountFor(visit, (one) => [`${one}/creds/${folderOf(query)}`, begunIn(one)]);
  const title = say("credentials.title");
  const begun = begunIn(mount);
  const may = await visit.may(begun);
  const head = html`<h1>${title}</h1>
<p class="lead">${say("credentials.lead")}</p>
${may("update", begun) && html`<div class="buttons"><a class="button" href="/ui/login?${new URLSearchParams({ mount }).toString()}">${say("credentials.start")}</a></div>\n`}${filters(visit, mount)}`;
  try {
    const page = await readPage(visit, mount);
    return { title, again: 15, body: html`${head}${pageTable(visit, mount, page)}` };
  } catch (error) {
    if (!(error instanceof Refusal) || ![400, 403].includes(error.status)) throw error;
    const { status } = error;
    if (status === 400) return { title, status, body: html`${head}${problemPart(error)}` };
    return {
      title,
      status,
      body: html`${head}<p class="warning after">${say("credentials.no-list")}</p>
${openByName(visit, mount)}`,
    };
  }
}

function folderOf({ prefix = "" }: Visit["query"]): string {
  return prefix.slice(0, prefix.lastIndexOf("/") + 1);
}

/** The folder of a prefix is in the path, where policies judge it; what is behind it narrows the list. */
async function readPage(visit: Visit, mount: string): Promise<Page> {
  const { ask, query } = visit;
  const { prefix = "", status = "", server = "", account = "" } = filterOf(visit, FILTER).values;
  const folder = folderOf(query);
  const asked = { list: "true", status, server, account, prefix: prefix.slice(folder.length) };
  const found: Listed[] = [];
  let counts: Facts | undefined;
  let after = query.after ?? "";
  for (let times = 0; times < MOST_ASKED; times++) {
    const more = { limit: String(PAGE - found.length), after, counts: times === 0 ? "true" : "" };
    const path = addressOf(`${mount}/creds/${inPath(folder)}`, { ...asked, ...more });
    // A list of nothing is a 404.
    const data = await orNothing(ask("GET", path), 404);
    if (!data) return { found, counts };
    if (times === 0 && data.knows("counts")) counts = data.of("counts");
    const info = data.of("key_info");
    found.push(...data.texts("keys").map((key) => ({ name: folder + key, info: info.of(key) })));
    const next = data.text("next");
    if (next === undefined) return { found, counts };
    if (found.length === PAGE || times === MOST_ASKED - 1) return { found, next, counts };
    after = next;
  }
  return { found, counts };
}

function filters(visit: Visit, mount: string): Html {
  const { say, mounts, guard } = visit;
  const { values, isLost } = filterOf(visit, FILTER);
  const { prefix = "", server = "", account = "", status = "" } = values;
  const statuses = STATUSES.map((one) => [one, say(`status.${one}`)] as const);
  return html`${isLost && html`<p class="warning" role="status">${say("filter.lost")}</p>\n`}<form class="filters" method="post" action="${FILTER.screen}" role="search" aria-label="${say("credentials.title")}">${guard}
${mounts.length > 1 && choices({ name: "mount", label: say("credentials.mount"), value: mount, options: mounts.map((one) => [one, one]) })}
${textField({ name: "prefix", label: say("credentials.prefix"), value: prefix })}
${textField({ name: "server", label: say("credentials.server"), value: server })}
${textField({ name: "account", label: say("credentials.account"), value: account })}
${choices({ name: "status", label: say("credentials.state"), value: status, options: [["", say("credentials.all")], ...statuses] })}
<div><button type="submit">${say("credentials.filter")}</button></div>
</form>
`;
}

function pageTable(visit: Visit, mount: string, { found, next, counts }: Page): Html {
  const { say, query } = visit;
  const isFiltered = ["prefix", "server", "account", "status"].some((name) => query[name]);
  const isEmpty = found.length === 0;
  const nothing = isFiltered || query.after ? say("credentials.none-found") : say("credentials.none");
  const states = STATUSES.map((value) => ({ value, label: say(`status.${value}`), count: counts?.count(value) }));
  return html`<div id="list" data-live>
${countsPart(visit, FILTER, states)}${isEmpty && html`<p class="after">${nothing}</p>`}${!isEmpty && listedTable(visit, mount, found)}
${next !== undefined && found.length < PAGE && html`<p class="soft">${say("credentials.searching")}</p>`}
<p class="buttons">${isFiltered && html`<a class="button quiet" href="/ui/credentials?${new URLSearchParams({ mount }).toString()}">${say("credentials.clear")}</a>`}
${query.after && html`<a class="button quiet" href="${pageAddress(query, undefined)}">${say("credentials.first")}</a>`}
${next !== undefined && html`<a class="button quiet" rel="next" href="${pageAddress(query, next)}">${say("credentials.next")}</a>`}</p>
</div>`;
}

function pageAddress(query: Visit["query"], after: string | undefined): string {
  return addressOf(FILTER.screen, { ...query, after });
}

function listedTable(visit: Visit, mount: string, found: readonly Listed[]): Html {
  const { say } = visit;
  const heads = [
    "credentials.name",
    "credentials.state",
    "credentials.server",
    "credentials.account",
    "credentials.expires",
  ] as const;
  return table(
    visit,
    say("credentials.caption", { mount }),
    heads,
    found.map((one) => row(visit, mount, one)),
  );
}

function row(visit: Visit, mount: string, { name, info }: Listed): Html {
  const { say } = visit;
  const [reason, expires] = [info.text("reason"), info.text("expire_time")];
  return html`<tr><th scope="row"><a href="${credentialPath(mount, name)}">${name}</a></th>
<td>${stateBadge(visit, info)}${reason !== undefined && html`<span class="help">${say("reason", { reason })}</span>`}</td>
<td data-label="${say("credentials.server")}">${info.text("server")}</td>
<td data-label="${say("credentials.account")}">${accountOf(info)}</td>
<td data-label="${say("credentials.expires")}">${expires !== undefined && shortTime(visit, expires)}</td></tr>
`;
}

/** For tokens that may read one credential, and list none. */
function openByName({ say }: Visit, mount: string): Html {
  return html`<form class="fields" method="get" action="/ui/open">
<input type="hidden" name="mount" value="${mount}">
${textField({ name: "name", label: say("credentials.open"), value: "", isRequired: true })}
<div class="buttons"><button type="submit">${say("credentials.open.submit")}</button></div>
</form>`;
}
