import { type Html, html } from "../../../html.ts";
import type { FaceKey } from "../../../messages/face/index.ts";
import type { Facts } from "../facts.ts";
import type { May } from "../may.ts";
import type { Visit } from "../visit.ts";
import { credentialPath, type Place } from "./paths.ts";

/** What can be done with it as it is, as far as the token may. */
export function actions(visit: Visit, place: Place, state: Facts, may: May): Html {
  const { say } = visit;
  const { mount, name } = place;
  const api = `${mount}/creds/${name}`;
  const status = state.text("status");
  // Whoever reads its token alone is not told whether it can be refreshed.
  const isEnding = (state.isTrue("refreshable") || !state.knows("refreshable")) && state.knows("expire_time");
  const isSession = name.startsWith("session/");
  const all = [
    status === "issued" && isEnding && may("read", api) && posted(visit, place, "refresh"),
    state.isTrue("retryable") && may("update", `${api}/retry`) && posted(visit, place, "retry"),
    !isSession && may("update", api) && led(visit, "again", againAddress(place, state)),
    may("delete", api) && led(visit, "revoke", `${credentialPath(mount, name)}?do=revoke`),
  ].filter((one) => one !== false);
  if (all.length === 0) return html``;
  return html`<h2>${say("actions.title")}</h2>
<ul class="actions">${all}</ul>`;
}

function posted({ say, guard }: Visit, { mount, name }: Place, action: "refresh" | "retry"): Html {
  return html`<li><form method="post" action="${credentialPath(mount, name)}">${guard}<button class="quiet" name="do" value="${action}">${say(`actions.${action}`)}</button></form>
<span class="help">${say(`actions.${action}.help`)}</span></li>
`;
}

function led({ say }: Visit, action: "again" | "revoke", address: string): Html {
  const key: FaceKey = `actions.${action}`;
  return html`<li><a class="button quiet" href="${address}">${say(key)}</a>
<span class="help">${say(`actions.${action}.help`)}</span></li>
`;
}

function againAddress({ mount, name }: Place, state: Facts): string {
  const scopes = state.texts("scopes").join(" ");
  return `/ui/login?${new URLSearchParams({ mount, name, server: state.text("server") ?? "", scopes }).toString()}`;
}
