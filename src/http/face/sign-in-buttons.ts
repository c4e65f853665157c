import { type Html, html } from "../../html.ts";
import type { SayFace } from "../../messages/face/index.ts";
import type { Deps } from "../app-types.ts";

/** Ways of people to a sign-in, where methods of that kind are enabled: one button each. */
export async function oidcButtons(deps: Deps, say: SayFace, guard: Html): Promise<Html> {
  const { auth, publicUrl } = deps;
  if (publicUrl === undefined) return html``;
  const forms = (await auth.mounts())
    .filter(({ type }) => type === "oidc")
    .map(
      ({ path, description }) =>
        html`<form method="post" action="/ui/oidc/${encodeURIComponent(path)}">${guard}
<div class="buttons"><button class="quiet">${say("sign-in.by", { name: description || path })}</button></div></form>\n`,
    );
  return html`${forms}`;
}
