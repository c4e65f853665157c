import { type Html, html } from "../../../html.ts";
import type { Deps, VaultApp } from "../../app-types.ts";
import { Refusal } from "../api.ts";
import { ACCESS_AREAS } from "../screens.ts";
import { goTo, requireSignedIn, type Visit } from "../visit.ts";

/** `/ui/access`: the first part of it that the token sees something in. */
export function accessHome(app: VaultApp, _deps: Deps): void {
  app.get("/ui/access", {
    schema: { hide: true },
    handler: async (request, reply) => {
      const [first] = await areasFor(requireSignedIn(request));
      if (!first) throw new Refusal(403, ["permission denied"]);
      return goTo(reply, first.href);
    },
  });
}

async function areasFor({ may }: Visit) {
  const mayDo = await may();
  return ACCESS_AREAS.filter(({ wants }) => wants.every(([capability, path]) => mayDo(capability, path)));
}

/** Ways between the parts of it, the present one marked. */
export async function areaLinks(visit: Visit): Promise<Html> {
  const { say, path } = visit;
  const links = (await areasFor(visit)).map(({ href, key }) => {
    const isHere = path.startsWith(href);
    return html`<li><a href="${href}"${isHere && html` aria-current="page"`}>${say(key)}</a></li>`;
  });
  return html`<nav class="areas" aria-label="${say("nav.access")}"><ul>${links}</ul></nav>\n`;
}
