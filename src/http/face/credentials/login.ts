import { type Html, html } from "../../../html.ts";
import type { Deps, VaultApp } from "../../app-types.ts";
import { orNothing, Refusal } from "../api.ts";
import { checkbox, choices, radios, textField } from "../fields.ts";
import { type Screen, screenAt, show } from "../frame.ts";
import { sentence } from "../texts.ts";
import { goTo, requireSignedIn, type Visit } from "../visit.ts";
import { apiPath, credentialPath, mountIn } from "./paths.ts";

const DEVICE = "urn:ietf:params:oauth:grant-type:device_code";

/** More servers than a person chooses among. */
const MOST_SERVERS = 500;

/** `/ui/login`: a login is begun under a name; its own screen goes on from there. */
export function startLogin(app: VaultApp, deps: Deps): void {
  screenAt(app, deps, "/ui/login", (visit) => loginScreen(visit, visit.query));
  app.post("/ui/login", {
    schema: { hide: true },
    handler: async (request, reply) => {
      const visit = requireSignedIn(request);
      const wrong = await begin(visit);
      if (wrong) return show(reply, visit, deps, await loginScreen(visit, visit.form, wrong));
      const { name = "" } = visit.form;
      return goTo(reply, `${credentialPath(mountIn(visit.form, visit), name.trim())}?did=started`);
    },
  });
}

interface Wrong {
  readonly status: number;
  readonly field?: "name" | "server";
  readonly text: string;
  /** There is one of this name. */
  readonly isTaken?: true;
}

/** Undefined where it has begun. */
async function begin(visit: Visit): Promise<Wrong | undefined> {
  const { say, form, ask } = visit;
  const [mount, name, server] = [mountIn(form, visit), (form.name ?? "").trim(), (form.server ?? "").trim()];
  if (name === "") return { status: 400, field: "name", text: say("login.no-name") };
  if (server === "") return { status: 400, field: "server", text: say("login.no-server") };
  const { scopes = "", way } = form;
  const asked = { server, scopes: scopes.split(/[\s,]+/).filter((one) => one !== "") };
  try {
    // As far as the token may know; who may write a name without reading it is not asked.
    const isThere = async () => (await orNothing(ask("GET", `${apiPath({ mount, name })}/history`))) !== undefined;
    if (form.replace !== "yes" && (await isThere()))
      return { status: 409, field: "name", text: say("login.exists"), isTaken: true };
    if (way === "by-link") await ask("PUT", `${mount}/auth-code-url`, { ...asked, name });
    else await ask("PUT", apiPath({ mount, name }), { ...asked, grant_type: DEVICE });
    return undefined;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    // A path that names nothing is a name that cannot be one.
    const isName = error.status === 404;
    return {
      status: error.status,
      text: isName ? say("bad-name") : sentence(error.message),
      ...(isName && { field: "name" }),
    };
  }
}

async function loginScreen(visit: Visit, filled: Visit["form"], wrong?: Wrong): Promise<Screen> {
  const { say, guard } = visit;
  const { name = "", server = "", scopes = "", way = "by-code", replace = "" } = filled;
  const mount = mountIn(filled, visit);
  const title = say("login.title");
  const problemOf = (field: "name" | "server") => (wrong?.field === field ? wrong.text : undefined);
  const ways = [
    ["by-code", say("login.way.code")],
    ["by-link", say("login.way.link")],
  ] as const;
  return {
    title,
    ...(wrong && { status: wrong.status }),
    body: html`<h1>${title}</h1>
<p class="lead">${say("login.lead")}</p>
${wrong && wrong.field === undefined && html`<p class="problem" role="alert">${wrong.text}</p>\n`}<form class="fields" method="post" action="/ui/login">${guard}
<input type="hidden" name="mount" value="${mount}">
${textField({ name: "name", label: say("login.name"), value: name, isRequired: true, help: say("login.name.help", { path: `${mount}/creds/NAME` }), problem: problemOf("name") })}
${(wrong?.isTaken || replace === "yes") && checkbox({ name: "replace", label: say("login.replace"), value: replace })}
${await serverField(visit, mount, server, problemOf("server"))}
${textField({ name: "scopes", label: say("login.scopes"), value: scopes, help: say("login.scopes.help") })}
${radios({ name: "way", label: say("login.way"), value: way, options: ways })}
<div class="buttons"><button type="submit">${say("login.submit")}</button></div>
</form>`,
  };
}

/** A choice of what the token may list; else what is typed. */
async function serverField(visit: Visit, mount: string, value: string, problem: string | undefined): Promise<Html> {
  const { say, ask } = visit;
  const field = { name: "server", label: say("login.server"), value, isRequired: true, problem };
  const listed = await orNothing(ask("GET", `${mount}/servers?list=true&limit=${MOST_SERVERS}`));
  const servers = listed?.texts("keys") ?? [];
  if (servers.length === 0) return textField({ ...field, help: say("login.no-servers") });
  const all = [...new Set([...(value === "" ? [""] : [value]), ...servers])];
  return choices({ ...field, options: all.map((one) => [one, one]) });
}
