import { SessionData, SessionLoginParameters } from "../../api/index.ts";
import { sendFlat } from "../answer/answer.ts";
import { describe } from "../answer/describe.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { bearerOf } from "../gate/caller.ts";
import { placeOf } from "../gate/place.ts";
import { sessionData } from "./views.ts";

const URL = "/session/login";

/** `POST /session/login`: another login under the same session. */
export function login(app: VaultApp, deps: Deps, mount: string): void {
  app.post(URL, {
    schema: describe({
      form: "session",
      summary: "Sign in again under the same session; the present login stays in use until the new one is approved",
      body: SessionLoginParameters,
      data: SessionData,
    }),
    handler: async (request, reply) => {
      const scopes = request.body.value.scopes.filter((scope) => scope !== "");
      const caller = { ...placeOf(request, deps), trusted: false };
      const view = await deps.broker.sessions.login(mount, bearerOf(request), scopes, caller);
      return sendFlat(reply, 200, sessionData(view, deps.clock.now()));
    },
  });
}
