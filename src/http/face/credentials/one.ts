import { type Html, html } from "../../../html.ts";
import type { Deps, VaultApp } from "../../app-types.ts";
import { orNothing, Refusal } from "../api.ts";
import { Facts } from "../facts.ts";
import { type Screen, screenAt, show } from "../frame.ts";
import { sentence } from "../texts.ts";
import { goTo, requireSignedIn, type Visit } from "../visit.ts";
import { about, facts, pendingPart } from "./about.ts";
import { actions } from "./actions.ts";
import { apiPath, credentialPath, type Place, placeIn } from "./paths.ts";
import { revokedScreen, revokeScreen } from "./revoke.ts";
import { stateBadge } from "./states.ts";
import { timeline } from "./timeline.ts";

/** `/ui/credentials/MOUNT/NAME`: one credential's life, and what can be done with it. */
export function credential(app: VaultApp, deps: Deps): void {
  const url = "/ui/credentials/*";
  screenAt(app, deps, url, async (visit, request) => {
    const place = placeIn(request, visit);
    return visit.query.do === "revoke" ? askFirst(visit, place) : oneScreen(visit, place);
  });
  app.post(url, {
    schema: { hide: true },
    handler: async (request, reply) => {
      const visit = requireSignedIn(request);
      const place = placeIn(request, visit);
      if (visit.form.do === "revoke") return show(reply, visit, deps, await revoke(visit, place));
      try {
        const did = visit.form.do === "retry" ? await retry(visit, place) : await refresh(visit, place);
        return goTo(reply, `${credentialPath(place.mount, place.name)}?did=${did}`);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        const screen = await oneScreen(visit, place, error);
        return show(reply, visit, deps, { ...screen, status: error.status });
      }
    },
  });
}

/** Asks for a token that lives longer than the present one, by more than what times on the wire are rounded by: that is a new one. */
async function refresh({ ask, now }: Visit, place: Place): Promise<"refreshed"> {
  const known = await orNothing(ask("GET", `${apiPath(place)}/history`), 403);
  const state = known?.of("credential") ?? (await ask("GET", apiPath(place))).data;
  const ends = Date.parse(state.text("expire_time") ?? "");
  const left = Number.isNaN(ends) ? 0 : Math.max(0, Math.floor((ends - now) / 1000));
  await ask("GET", `${apiPath(place)}?minimum_seconds=${left + 2}`);
  return "refreshed";
}

async function retry({ ask }: Visit, place: Place): Promise<"retried"> {
  await ask("PUT", `${apiPath(place)}/retry`, {});
  return "retried";
}

async function askFirst(visit: Visit, place: Place): Promise<Screen> {
  // That it is there, as far as the token may know.
  await orNothing(visit.ask("GET", `${apiPath(place)}/history`), 403);
  return revokeScreen(visit, place);
}

async function revoke(visit: Visit, place: Place): Promise<Screen> {
  const only = visit.form.keep === "yes" ? "?revoke=false" : "";
  const { warnings } = await visit.ask("DELETE", `${apiPath(place)}${only}`);
  return revokedScreen(visit, place, warnings);
}

const DID = ["refreshed", "retried", "started"] as const;

/** What has gone wrong with the last action is above what the credential is. */
async function oneScreen(visit: Visit, place: Place, problem?: Refusal): Promise<Screen> {
  const { say, ask, query } = visit;
  const data = await orNothing(ask("GET", `${apiPath(place)}/history`), 403);
  if (!data) return readScreen(visit, place, problem);
  const state = data.of("credential");
  const may = await mayWith(visit, place, state);
  const isPending = state.text("status") === "pending";
  // That one has begun is no news any more when it is over.
  const did = DID.find((one) => one === query.did && (isPending || one !== "started"));
  return {
    title: place.name,
    again: isPending ? 2 : 10,
    body: html`<h1>${place.name}</h1>
<div id="did" data-live>${did && html`<p class="note" role="status">${say(`did.${did}`)}</p>`}</div>
${problem && problemPart(problem)}<p class="lead" id="state" data-live role="status">${stateBadge(visit, state)}</p>
<div id="pending" data-live>${isPending && pendingPart(visit, state)}</div>
<div id="about" data-live>${about(visit, place, state, may)}</div>
<div id="actions" data-live>${actions(visit, place, state, may)}</div>
<div id="timeline" data-live>${timeline(visit, data.list("attempts"))}</div>`,
  };
}

/** For whoever may read its token, and not its history: what that read says, once. */
async function readScreen(visit: Visit, place: Place, problem?: Refusal): Promise<Screen> {
  const { say, ask, query } = visit;
  const read = await ask("GET", apiPath(place)).then(
    ({ data }) => data,
    (error: unknown) => {
      // What cannot be read has a reason; that it is not there, or may not be read, is said as everywhere.
      if (error instanceof Refusal && ![403, 404].includes(error.status)) return error;
      throw error;
    },
  );
  const state = new Facts(read instanceof Refusal ? {} : { ...FOUND, ...read.pick("server", "expire_time", "scopes") });
  const may = await mayWith(visit, place, state);
  const did = query.did === "refreshed" && html`<p class="note" role="status">${say("did.refreshed")}</p>`;
  const trouble = problem ?? (read instanceof Refusal ? read : undefined);
  return {
    title: place.name,
    body: html`<h1>${place.name}</h1>
${did}${trouble && problemPart(trouble)}${!(read instanceof Refusal) && html`<p class="lead" role="status">${stateBadge(visit, state)}</p>\n`}${facts(visit, state)}
<p class="soft">${say("credential.no-history", { path: `${place.mount}/creds/${place.name}/history` })}</p>
${actions(visit, place, state, may)}`,
  };
}

/** Of a token that has been read. */
const FOUND = { status: "issued" };

/** What can be done with it, and what it leads to. */
function mayWith(visit: Visit, { mount, name }: Place, state: Facts) {
  const api = `${mount}/creds/${name}`;
  return visit.may(api, `${api}/retry`, `${mount}/servers/${state.text("server") ?? ""}`);
}

function problemPart({ message }: Refusal): Html {
  return html`<p class="problem" role="alert">${sentence(message)}</p>\n`;
}
