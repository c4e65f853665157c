import { html } from "../../../html.ts";
import type { Deps, VaultApp } from "../../app-types.ts";
import { inPath, orNothing, Refusal } from "../api.ts";
import { mountIn } from "../credentials/paths.ts";
import type { Facts } from "../facts.ts";
import { choices } from "../fields.ts";
import { type Screen, screenAt, show } from "../frame.ts";
import { sentence } from "../texts.ts";
import { goTo, requireSignedIn, type Visit } from "../visit.ts";
import { type Filled, formScreen, isKeyed, type Said } from "./form.ts";

/** `/ui/new-server`: first of which provider, then its own form; the same form edits one. */
export function newServer(app: VaultApp, deps: Deps): void {
  const url = "/ui/new-server";
  screenAt(app, deps, url, async (visit) => {
    const { query } = visit;
    const mount = mountIn(query, visit);
    return query.provider ? formScreen(visit, await filledBy(visit, mount)) : chooseScreen(visit, mount);
  });
  app.post(url, {
    schema: { hide: true },
    handler: async (request, reply) => {
      const visit = requireSignedIn(request);
      const mount = mountIn(visit.form, visit);
      const said = await send(visit, mount);
      if (said) return show(reply, visit, deps, await formScreen(visit, await filledBy(visit, mount), said));
      return goTo(reply, `/ui/servers/${inPath(`${mount}/${(visit.form.name ?? "").trim()}`)}?did=saved`);
    },
  });
}

async function chooseScreen(visit: Visit, mount: string): Promise<Screen> {
  const { say, ask } = visit;
  const ids = (await ask("GET", "sys/providers?list=true")).data.texts("keys");
  const title = say("add.title");
  return {
    title,
    body: html`<h1>${title}</h1>
<form class="fields" method="get" action="/ui/new-server"><input type="hidden" name="mount" value="${mount}">
${choices({ name: "provider", label: say("add.provider"), value: ids[0] ?? "", help: say("add.provider.help"), options: ids.map((id) => [id, id]) })}
<div class="buttons"><button type="submit">${say("add.continue")}</button></div>
</form>`,
  };
}

/** What a form holds: what was typed, or of a server that is there what the API tells of it. */
async function filledBy(visit: Visit, mount: string): Promise<Filled> {
  const { form, query, ask } = visit;
  const name = (form.name ?? query.name ?? "").trim();
  const provider = form.provider ?? query.provider ?? "";
  const { data } = await ask("GET", `sys/providers/${encodeURIComponent(provider)}`);
  const present = name === "" ? undefined : await orNothing(ask("GET", `${mount}/servers/${inPath(name)}`));
  return {
    mount,
    name,
    provider,
    rules: data,
    present: query.name === undefined && form.edits !== "yes" ? undefined : present,
  };
}

/** Of the API's fields those that no form has here: a write replaces all, so they go along as they are. */
const KEPT_TEXTS = ["session_flow", "redirect_uri", "allow_tools", "deny_tools"] as const;
const KEPT_MAPS = ["auth_url_params", "proxy_apis"] as const;
const KEPT_COUNTS = ["default_expiry_seconds", "maximum_expiry_seconds"] as const;

function kept(present: Facts | undefined): Readonly<Record<string, unknown>> {
  if (!present) return {};
  const method = present.isTrue("auth_method_chosen") ? present.text("token_endpoint_auth_method") : "";
  return Object.fromEntries([
    ["token_endpoint_auth_method", method],
    ...KEPT_TEXTS.map((name) => [name, present.text(name)]),
    ...KEPT_MAPS.map((name) => [name, textsOf(present.of(name))]),
    ...KEPT_COUNTS.map((name) => [name, present.count(name)]),
  ]);
}

function textsOf(map: Facts | undefined): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries((map?.names() ?? []).map((name) => [name, map?.text(name)]));
}

const OPTION = "option.";

/** As they were typed, one that was emptied left out; those that the form does not have as they are. */
function optionsBy(form: Visit["form"], present: Facts | undefined): Readonly<Record<string, string | undefined>> {
  const typed = Object.entries(form).filter(([name]) => name.startsWith(OPTION));
  const given = typed.map(([name, value]) => [name.slice(OPTION.length), value.trim()] as const);
  const all = new Map([...Object.entries(textsOf(present?.of("provider_options"))), ...given]);
  return Object.fromEntries([...all].filter(([, value]) => value !== ""));
}

/** Tests or writes; undefined where it has been written. */
async function send(visit: Visit, mount: string): Promise<Said | undefined> {
  const { form, ask, say } = visit;
  const name = (form.name ?? "").trim();
  if (name === "") return { status: 400, problem: say("form.no-name") };
  const isTest = form.do === "test";
  const found = await orNothing(ask("GET", `${mount}/servers/${inPath(name)}`));
  if (found && form.edits !== "yes") return { status: 409, problem: say("form.taken", { name }) };
  const present = form.edits === "yes" ? found : undefined;
  if (present && isKeyed(present)) return { status: 400, problem: say("server.no-edit") };
  const lacking = present?.texts("secrets").find((secret) => !form[secret]);
  if (lacking !== undefined) return { status: 400, problem: say("form.no-secret", { name: lacking }) };
  const body = {
    ...kept(present),
    provider: form.provider ?? "",
    client_id: (form.client_id ?? "").trim(),
    client_secret: form.client_secret ?? "",
    initial_access_token: form.initial_access_token ?? "",
    allow_sessions: form.allow_sessions === "yes",
    ...(form.token_endpoint_auth_method !== undefined && {
      token_endpoint_auth_method: form.token_endpoint_auth_method,
    }),
    provider_options: optionsBy(form, present),
  };
  if (!isTest) return answerTo(visit, `${mount}/servers/${inPath(name)}`, body, () => undefined);
  // What a write wants is told first; then where its connection stands, whose policy is another.
  const said = await answerTo(visit, `${mount}/check/servers/${inPath(name)}`, body, (warnings) => ({
    status: 200,
    warnings,
    isGood: true,
  }));
  return withTrial(said, visit, ask("PUT", `${mount}/try/servers/${inPath(name)}`, body));
}

/** Where the trial is refused as well, the check has said why, or the policy is one that leaves it out. */
async function withTrial(said: Said, { say }: Visit, asked: ReturnType<Visit["ask"]>): Promise<Said> {
  try {
    return { ...said, steps: (await asked).data.list("steps") };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const isSaid = said.problem !== undefined || error.status === 403;
    return isSaid ? said : { status: error.status, problem: problemOf(error, say) };
  }
}

async function answerTo<T extends Said | undefined>(
  { ask, say }: Visit,
  path: string,
  body: object,
  done: (warnings: readonly string[]) => T,
): Promise<T | Said> {
  try {
    return done((await ask("PUT", path, body)).warnings);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { status: error.status, problem: problemOf(error, say) };
  }
}

/** A path that names nothing is a name that cannot be one. */
function problemOf({ status, message }: Refusal, say: Visit["say"]): string {
  return status === 404 ? say("bad-name") : sentence(message);
}
