import {
  SessionCallbackParameters,
  SessionData,
  SessionEnded,
  SessionEndParameters,
  SessionReadParameters,
} from "../../api/index.ts";
import { type Reply, sendFlat, sendNothing } from "../answer/answer.ts";
import { describe } from "../answer/describe.ts";
import { inputWarnings } from "../answer/input-warnings.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { bearerOf } from "../gate/caller.ts";
import type { Leaving } from "./leaving.ts";
import { sessionData } from "./views.ts";

const URL = "/session";

/** Longest wait of one request, seconds: intermediaries cut what is silent for longer. */
const LONGEST_WAIT = 60;

/** `GET /session` and `DELETE /session`. */
export function session(app: VaultApp, { broker, clock }: Deps, mount: string, leaving: Leaving): void {
  app.get(URL, {
    schema: describe({
      form: "session",
      summary: "The session; with wait, the answer comes when its login has ended",
      querystring: SessionReadParameters,
      data: SessionData,
    }),
    handler: async (request, reply) => {
      const seconds = Math.min(request.query.value.wait, LONGEST_WAIT);
      const view = await broker.sessions.wait(mount, bearerOf(request), seconds, leaving(reply, { waits: true }));
      return sendFlat(reply, 200, sessionData(view, clock.now()));
    },
  });
  app.delete(URL, {
    schema: describe({
      form: "session",
      summary: "End the session: cancel its login or revoke its grant",
      querystring: SessionEndParameters,
      data: SessionEnded,
      empty: true,
    }),
    handler: async (request, reply) => {
      const { revoke } = request.query.value;
      return sendEnded(reply, await broker.sessions.end(mount, bearerOf(request), revoke));
    },
  });
  handIn(app, { broker, clock }, mount);
}

/** `POST /session/callback`: what a browser could not bring. */
function handIn(app: VaultApp, { broker, clock }: Pick<Deps, "broker" | "clock">, mount: string): void {
  app.post(`${URL}/callback`, {
    schema: describe({
      form: "session",
      summary: "Hand in the address that a browser was sent back to (flow `code`)",
      body: SessionCallbackParameters,
      data: SessionData,
    }),
    handler: async (request, reply) => {
      const view = await broker.sessions.handIn(mount, bearerOf(request), request.body.value.url);
      return sendFlat(reply, 200, sessionData(view, clock.now()));
    },
  });
}

/** Gone in any case; what could not be revoked is said. */
export function sendEnded(reply: Reply, warnings: readonly string[]): Reply {
  const isSilent = warnings.length === 0 && inputWarnings(reply.request).length === 0;
  return isSilent ? sendNothing(reply) : sendFlat(reply, 200, { warnings });
}
