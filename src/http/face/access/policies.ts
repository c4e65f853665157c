import { html } from "../../../html.ts";
import type { Deps, VaultApp } from "../../app-types.ts";
import { textsByName } from "../../input/texts-by-name.ts";
import { inPath } from "../api.ts";
import { type Screen, screenAt, show } from "../frame.ts";
import { goTo, requireSignedIn, type Visit } from "../visit.ts";
import { areaLinks } from "./areas.ts";
import { policyForm } from "./policy-form.ts";
import { checked, type Typed, written } from "./policy-write.ts";

const LIST = "/ui/access/policies";

/** `/ui/access/policies`: their names; one of them, which is edited and tried there; a new one. */
export function policies(app: VaultApp, deps: Deps): void {
  screenAt(app, deps, LIST, async (visit) => {
    const added = { name: "", isNew: true, policy: EXAMPLE };
    return visit.query.new === "yes" ? policyForm(visit, added) : listScreen(visit);
  });
  app.post(LIST, {
    schema: { hide: true },
    handler: async (request, reply) => {
      const visit = requireSignedIn(request);
      return answer(reply, visit, deps, { ...typedIn(visit), name: (visit.form.name ?? "").trim(), isNew: true });
    },
  });
  one(app, deps);
}

function one(app: VaultApp, deps: Deps): void {
  const url = `${LIST}/*`;
  screenAt(app, deps, url, async (visit, request) => {
    const { "*": name = "" } = textsByName(request.params);
    const { data } = await visit.ask("GET", `sys/policies/acl/${inPath(name)}`);
    const typed = { name, isNew: false, policy: data.text("policy") ?? "" };
    return visit.query.do === "delete" ? askFirst(visit, name) : policyForm(visit, typed);
  });
  app.post(url, {
    schema: { hide: true },
    handler: async (request, reply) => {
      const visit = requireSignedIn(request);
      const { "*": name = "" } = textsByName(request.params);
      if (visit.form.do !== "delete") return answer(reply, visit, deps, { ...typedIn(visit), name, isNew: false });
      await visit.ask("DELETE", `sys/policies/acl/${inPath(name)}`);
      return goTo(reply, LIST);
    },
  });
}

/** What a new one begins with. */
const EXAMPLE = `path "oauth2/creds/my-bot" {
  capabilities = ["read"]
}
`;

function typedIn({ form }: Visit): Omit<Typed, "name" | "isNew"> {
  // A form sends the ends of lines as CRLF.
  return { policy: (form.policy ?? "").replaceAll("\r\n", "\n"), path: form.path ?? "", method: form.method ?? "GET" };
}

/** Tries it, or writes it. */
async function answer(reply: Parameters<typeof show>[0], visit: Visit, deps: Deps, typed: Typed) {
  if (visit.form.do !== "save")
    return show(reply, visit, deps, await policyForm(visit, typed, await checked(visit, typed)));
  const problem = await written(visit, typed);
  if (problem) return show(reply, visit, deps, await policyForm(visit, typed, problem));
  return goTo(reply, `${LIST}/${inPath(typed.name.toLowerCase())}?did=saved`);
}

async function listScreen(visit: Visit): Promise<Screen> {
  const { say, ask } = visit;
  const may = await visit.may("sys/policies/acl/new");
  const { data } = await ask("GET", "sys/policies/acl?list=true");
  const title = say("access.policies");
  const names = data.texts("keys").map((name) => html`<li><a href="${LIST}/${inPath(name)}">${name}</a></li>\n`);
  return {
    title,
    body: html`<h1>${title}</h1>
${await areaLinks(visit)}<p class="lead">${say("policies.lead")}</p>
${may("update", "sys/policies/acl/new") && html`<div class="buttons"><a class="button" href="${LIST}?new=yes">${say("policies.new")}</a></div>\n`}<ul class="after">${names}</ul>`,
  };
}

function askFirst({ say, guard }: Visit, name: string): Screen {
  const title = say("policies.delete.title", { name });
  const address = `${LIST}/${inPath(name)}`;
  return {
    title,
    body: html`<h1>${title}</h1>
<p>${say("policies.delete.text")}</p>
<form method="post" action="${address}">${guard}
<div class="buttons"><button class="deny" name="do" value="delete">${say("server.delete.submit")}</button>
<a class="button quiet" href="${address}">${say("server.delete.cancel")}</a></div>
</form>`,
  };
}
