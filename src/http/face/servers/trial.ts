import { html } from "../../../html.ts";
import type { Deps, VaultApp } from "../../app-types.ts";
import { inPath, Refusal } from "../api.ts";
import { type Place, placeIn } from "../credentials/paths.ts";
import { type Screen, screenAt, show } from "../frame.ts";
import { sentence } from "../texts.ts";
import { requireSignedIn, type Visit } from "../visit.ts";
import { trialView } from "./trial-view.ts";

/** `/ui/test-server/MOUNT/NAME`: the connection of one that is written, tried when its button is pressed. */
export function serverTrial(app: VaultApp, deps: Deps): void {
  const url = "/ui/test-server/*";
  screenAt(app, deps, url, async (visit, request) => {
    const place = placeIn(request, visit);
    // One that is not there, or not to be seen, has no test.
    await visit.ask("GET", `${place.mount}/servers/${inPath(place.name)}`);
    return trialScreen(visit, place);
  });
  app.post(url, {
    schema: { hide: true },
    handler: async (request, reply) => {
      const visit = requireSignedIn(request);
      const place = placeIn(request, visit);
      return show(reply, visit, deps, await triedScreen(visit, place));
    },
  });
}

export function trialPath({ mount, name }: Place): string {
  return `${mount}/try/servers/${name}`;
}

async function triedScreen(visit: Visit, place: Place): Promise<Screen> {
  const { say, ask } = visit;
  try {
    const { data } = await ask("PUT", `${place.mount}/try/servers/${inPath(place.name)}`, {});
    return trialScreen(visit, place, trialView(visit, data.list("steps")));
  } catch (error) {
    if (!(error instanceof Refusal) || error.status === 403) throw error;
    const problem = error.status === 404 ? say("error.gone") : sentence(error.message);
    return {
      ...(await trialScreen(visit, place, html`<p class="problem" role="alert">${problem}</p>`)),
      status: error.status,
    };
  }
}

async function trialScreen(visit: Visit, place: Place, came = html``): Promise<Screen> {
  const { say, guard } = visit;
  const { mount, name } = place;
  const may = await visit.may(trialPath(place));
  const title = say("trial.title", { name });
  const at = inPath(`${mount}/${name}`);
  return {
    title,
    body: html`<h1>${title}</h1>
<p class="lead">${say("trial.lead")}</p>
<form method="post" action="/ui/test-server/${at}">${guard}
<div class="buttons">${may("update", trialPath(place)) && html`<button>${say("trial.submit")}</button>`}
<a class="button quiet" href="/ui/servers/${at}">${say("trial.back")}</a></div>
</form>
${came}`,
  };
}
