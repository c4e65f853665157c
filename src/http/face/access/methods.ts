import { type Html, html } from "../../../html.ts";
import type { Deps, VaultApp } from "../../app-types.ts";
import { orNothing } from "../api.ts";
import type { Facts } from "../facts.ts";
import { type Screen, screenAt } from "../frame.ts";
import { table } from "../table.ts";
import type { Visit } from "../visit.ts";
import { areaLinks } from "./areas.ts";

/** Methods that are read for their roles; whoever has more uses the command line. */
const MOST = 50;

/** `/ui/access/methods`: the ways to a token, and the roles of each. */
export function authMethods(app: VaultApp, deps: Deps): void {
  screenAt(app, deps, "/ui/access/methods", methodScreen);
}

async function methodScreen(visit: Visit): Promise<Screen> {
  const { say, ask } = visit;
  const { data } = await ask("GET", "sys/auth");
  const paths = data.names().filter((name) => name.endsWith("/") && data.of(name).knows("type"));
  const rows = await Promise.all(paths.slice(0, MOST).map((path) => row(visit, path, data.of(path))));
  const title = say("access.methods");
  return {
    title,
    body: html`<h1>${title}</h1>
${await areaLinks(visit)}<p class="lead">${say("methods.lead")}</p>
${table(visit, say("methods.caption"), ["methods.path", "methods.type", "methods.roles", "methods.accessor"], rows)}
<p class="soft">${say("methods.change")} <a href="/docs/access#logins">${say("methods.docs")}</a></p>`,
  };
}

async function row({ ask, say }: Visit, path: string, mount: Facts): Promise<Html> {
  const type = mount.text("type") ?? "";
  const noun = type === "cert" ? "certs" : "role";
  const listed =
    type === "token" ? undefined : await orNothing(ask("GET", `auth/${path}${noun}?list=true`), 400, 403, 404);
  return html`<tr><th scope="row"><code>auth/${path}</code>${mount.text("description") && html`<span class="help">${mount.text("description")}</span>`}</th>
<td data-label="${say("methods.type")}">${type}</td>
<td data-label="${say("methods.roles")}">${listed?.texts("keys").join(", ")}</td>
<td class="small soft" data-label="${say("methods.accessor")}">${mount.text("accessor")}</td></tr>
`;
}
