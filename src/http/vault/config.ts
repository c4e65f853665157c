import { ConfigData, ConfigParameters } from "../../api/index.ts";
import { type Settings, settingsFromWire, settingsProblem, type WireSettings, wireSettings } from "../../settings.ts";
import { describe, NoParameters } from "../answer/describe.ts";
import { sendData, sendDone } from "../answer/envelope.ts";
import { badRequest, notFound } from "../answer/http-error.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { WRITE } from "../gate/methods.ts";
import { checkName } from "../input/names.ts";
import type { MountRoutes } from "./mount-routes.ts";

const TAG = "config";

/** `config` (oauthapp.md section 2). */
export function config(app: VaultApp, { broker }: Deps, at: MountRoutes): void {
  const url = `${at.root}/config`;
  app.get(url, {
    schema: describe({ tag: TAG, summary: "Read the settings", querystring: NoParameters, data: ConfigData }),
    handler: async (request, reply) => {
      const settings = await broker.readConfig(at.place(request));
      if (!settings) throw notFound();
      return sendData(reply, wireSettings(settings));
    },
  });
  app.route({
    method: WRITE,
    url,
    schema: describe({ tag: TAG, summary: "Replace the settings", body: ConfigParameters, empty: true }),
    handler: async (request, reply) => {
      await broker.writeConfig(at.place(request), settingsOf(request.body.value));
      return sendDone(reply);
    },
  });
  app.delete(url, {
    schema: describe({ tag: TAG, summary: "Reset to the defaults", querystring: NoParameters, empty: true }),
    handler: async (request, reply) => {
      await broker.deleteConfig(at.place(request));
      return sendDone(reply);
    },
  });
}

function settingsOf(value: WireSettings): Settings {
  const settings = settingsFromWire(value);
  const problem = settingsProblem(settings);
  if (problem !== undefined) throw badRequest(problem);
  checkName("default_server", settings.defaultServer);
  return settings;
}
