import { parseRfc3339, RevokedSessions, RevokeSessionsParameters } from "../../api/index.ts";
import { sendFlat } from "../answer/answer.ts";
import { describe } from "../answer/describe.ts";
import { badRequest } from "../answer/http-error.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { door } from "../gate/door.ts";
import { scoped } from "../gate/offers.ts";
import { checkName } from "../input/names.ts";

/** `POST /sessions/revoke`, for operators. */
export function revoke(app: VaultApp, deps: Deps, mount: string): void {
  scoped(app, (scope) => {
    door(scope, deps);
    route(scope, deps, mount);
  });
}

function route(app: VaultApp, { broker, clock }: Deps, mount: string): void {
  app.post("/sessions/revoke", {
    schema: describe({
      form: "session",
      summary: "Revoke and end all sessions started within a time range (operators)",
      body: RevokeSessionsParameters,
      data: RevokedSessions,
    }),
    handler: async (request, reply) => {
      const { since, until, server } = request.body.value;
      const range = {
        server: checkName("server", server),
        since: timeOf("since", since),
        // What is being started in this moment is meant too.
        until: until === "" ? clock.now() + 1 : timeOf("until", until),
      };
      const revoked = await broker.sessions.revoke(mount, range);
      return sendFlat(reply, 200, { revoked } satisfies RevokedSessions);
    },
  });
}

/** Epoch milliseconds. */
function timeOf(name: string, text: string): number {
  const time = parseRfc3339(text);
  if (time === undefined) throw badRequest(`${name} must be a time like 2026-11-25T08:00:00Z`);
  return time;
}
