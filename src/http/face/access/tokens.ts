import { type Html, html } from "../../../html.ts";
import type { Deps, VaultApp } from "../../app-types.ts";
import { textsByName } from "../../input/texts-by-name.ts";
import { orNothing, Refusal } from "../api.ts";
import type { Facts } from "../facts.ts";
import { textField } from "../fields.ts";
import { type Screen, screenAt, show } from "../frame.ts";
import { factList, table } from "../table.ts";
import { sentence } from "../texts.ts";
import { shortTime, timeText } from "../times.ts";
import { goTo, requireSignedIn, type Visit } from "../visit.ts";
import { areaLinks } from "./areas.ts";

/** Tokens of a page, each of which is looked up. */
const PAGE = 25;

const LIST = "auth/token/accessors/";
const REVOKE = "auth/token/revoke-accessor";

/** `/ui/access/tokens`: those that there are, where the token may list them; and one by its accessor. No token itself is ever entered or shown. */
export function tokens(app: VaultApp, deps: Deps): void {
  const url = "/ui/access/tokens";
  screenAt(app, deps, url, (visit) => listScreen(visit));
  app.post(url, {
    schema: { hide: true },
    handler: async (request, reply) => {
      const visit = requireSignedIn(request);
      const accessor = (visit.form.accessor ?? "").trim();
      const problem = await problemWith(visit, accessor);
      if (problem === undefined) return goTo(reply, addressOf(accessor));
      return show(reply, visit, deps, { ...(await listScreen(visit, problem)), status: 400 });
    },
  });
  one(app, deps);
}

function one(app: VaultApp, deps: Deps): void {
  const url = "/ui/access/tokens/:accessor";
  screenAt(app, deps, url, async (visit, request) => {
    const data = await lookUp(visit, textsByName(request.params).accessor ?? "");
    return visit.query.do === "revoke" ? askFirst(visit, data) : oneScreen(visit, data);
  });
  app.post(url, {
    schema: { hide: true },
    handler: async (request, reply) => {
      const visit = requireSignedIn(request);
      const { accessor = "" } = textsByName(request.params);
      await visit.ask("POST", REVOKE, { accessor });
      return goTo(reply, "/ui/access/tokens?did=revoked");
    },
  });
}

function addressOf(accessor: string): string {
  return `/ui/access/tokens/${encodeURIComponent(accessor)}`;
}

/**
 * Tokens of Vault and OpenBao, short and long names of their kinds (service, batch, recovery), among which are ours; and a session's secret. No
 * accessor has a dot, or is longer than 24 characters.
 */
const TOKEN = /^(?:(?:hv)?[sbr]\.|ccs_[\w-]{21})/;

/** Whoever pastes a token is told so, and it goes nowhere: not into an address either. */
async function problemWith({ say, ask }: Visit, accessor: string): Promise<string | undefined> {
  if (accessor === "") return say("tokens.no-accessor");
  if (TOKEN.test(accessor)) return say("tokens.is-token");
  // An unknown one is a 403 in Vault's API, whoever asks; what a policy refuses is one, too.
  return ask("POST", "auth/token/lookup-accessor", { accessor }).then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof Refusal && isUnknown(error)) return say("tokens.unknown");
      throw error;
    },
  );
}

function isUnknown({ status, message }: Refusal): boolean {
  return status === 403 && message.includes("invalid accessor");
}

async function lookUp({ ask }: Visit, accessor: string): Promise<Facts> {
  try {
    return (await ask("POST", "auth/token/lookup-accessor", { accessor })).data;
  } catch (error) {
    throw error instanceof Refusal && isUnknown(error) ? new Refusal(404, []) : error;
  }
}

async function listScreen(visit: Visit, problem?: string): Promise<Screen> {
  const { say, query, guard } = visit;
  const may = await visit.may(LIST);
  const isListed = may("list", LIST) && may("sudo", LIST);
  const title = say("access.tokens");
  return {
    title,
    body: html`<h1>${title}</h1>
${await areaLinks(visit)}${query.did === "revoked" && html`<p class="note" role="status">${say("tokens.revoked")}</p>\n`}<p class="lead">${say("tokens.lead")}</p>
<form class="fields" method="post" action="/ui/access/tokens">${guard}
${textField({ name: "accessor", label: say("tokens.accessor"), value: "", isRequired: true, help: say("tokens.accessor.help"), problem })}
<div class="buttons"><button type="submit">${say("tokens.look-up")}</button></div>
</form>
${isListed ? await listed(visit) : html`<p class="soft after">${say("tokens.no-list")}</p>`}`,
  };
}

/** Accessors are a list of all that there are, in which no page is named but by its first one. */
async function listed(visit: Visit): Promise<Html> {
  const { say, ask, query } = visit;
  const all = (await orNothing(ask("GET", `${LIST}?list=true`)))?.texts("keys") ?? [];
  const rest = query.after === undefined ? all : all.filter((one) => one > (query.after ?? ""));
  const page = rest.slice(0, PAGE);
  const found = await Promise.all(
    page.map((accessor) => orNothing(ask("POST", "auth/token/lookup-accessor", { accessor }))),
  );
  const rows = found.flatMap((data) => (data ? [row(visit, data)] : []));
  const next = rest.length > PAGE ? page.at(-1) : undefined;
  const heads = ["tokens.name", "tokens.policies", "tokens.made", "tokens.ends"] as const;
  return html`${table(visit, say("tokens.caption", { count: all.length }), heads, rows)}
<p class="buttons">${query.after !== undefined && html`<a class="button quiet" href="/ui/access/tokens">${say("sessions.first")}</a>`}
${next !== undefined && html`<a class="button quiet" rel="next" href="/ui/access/tokens?${new URLSearchParams({ after: next }).toString()}">${say("sessions.next")}</a>`}</p>`;
}

function row(visit: Visit, data: Facts): Html {
  const { say } = visit;
  const accessor = data.text("accessor") ?? "";
  const [made, ends] = [data.text("issue_time"), data.text("expire_time")];
  return html`<tr><th scope="row"><a href="${addressOf(accessor)}">${data.text("display_name")}</a><span class="help">${accessor}</span></th>
<td data-label="${say("tokens.policies")}">${data.texts("policies").join(", ")}</td>
<td data-label="${say("tokens.made")}">${made !== undefined && shortTime(visit, made)}</td>
<td data-label="${say("tokens.ends")}">${ends === undefined ? say("credential.never") : shortTime(visit, ends)}</td></tr>
`;
}

async function oneScreen(visit: Visit, data: Facts): Promise<Screen> {
  const { say } = visit;
  const may = await visit.may(REVOKE);
  const name = data.text("display_name") ?? "";
  const time = (key: string) => {
    const at = data.text(key);
    return at === undefined ? "" : timeText(visit, at);
  };
  const meta = data.of("meta");
  return {
    title: name,
    body: html`<h1>${name}</h1>
${await areaLinks(visit)}${factList(visit, [
  ["tokens.accessor", data.text("accessor") ?? ""],
  ["tokens.policies", data.texts("policies").join(", ")],
  ["tokens.path", data.text("path") ?? ""],
  ["tokens.made", time("issue_time")],
  ["tokens.renewed", time("last_renewal")],
  ["tokens.ends", data.text("expire_time") === undefined ? say("credential.never") : time("expire_time")],
  ["tokens.renewable", say(data.isTrue("renewable") ? "yes" : "no")],
  ["tokens.uses", data.count("num_uses") ? String(data.count("num_uses")) : ""],
  ["tokens.orphan", say(data.isTrue("orphan") ? "yes" : "no")],
  ["tokens.entity", data.text("entity_id") ?? ""],
  [
    "tokens.meta",
    meta
      .names()
      .map((key) => `${key}=${meta.text(key)}`)
      .join(", "),
  ],
])}
${may("update", REVOKE) && html`<div class="buttons"><a class="button quiet" href="${addressOf(data.text("accessor") ?? "")}?do=revoke">${say("tokens.revoke")}</a></div>`}`,
  };
}

function askFirst({ say, guard }: Visit, data: Facts): Screen {
  const accessor = data.text("accessor") ?? "";
  const title = say("tokens.revoke.title", { name: data.text("display_name") ?? accessor });
  return {
    title,
    body: html`<h1>${title}</h1>
<p>${say("tokens.revoke.text")}</p>
<p class="small soft">${sentence(`${say("tokens.accessor")}: ${accessor}`)}</p>
<form method="post" action="${addressOf(accessor)}">${guard}
<div class="buttons"><button class="deny">${say("tokens.revoke.submit")}</button>
<a class="button quiet" href="${addressOf(accessor)}">${say("session.end.cancel")}</a></div>
</form>`,
  };
}
