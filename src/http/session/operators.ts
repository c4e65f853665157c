import { ListedSession, SessionEnded, SessionList, SessionListParameters } from "../../api/index.ts";
import type { SessionRight } from "../../broker/sessions.ts";
import { sendFlat } from "../answer/answer.ts";
import { describe, NoParameters } from "../answer/describe.ts";
import { badRequest, HttpError } from "../answer/http-error.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { door, JUDGED_THERE } from "../gate/door.ts";
import { requirePrincipal } from "../gate/guard.ts";
import { refuseOthers } from "../gate/methods.ts";
import { scoped } from "../gate/scoped.ts";
import { sessionRights } from "../gate/session-rights.ts";
import { checkName } from "../input/names.ts";
import { textsByName } from "../input/texts-by-name.ts";
import { sendEnded } from "./session.ts";
import { listData, summary } from "./views.ts";

const LARGEST_PAGE = 1_000;

/** `GET /sessions`, and `GET` and `DELETE /sessions/:id`, for operators. */
export function operators(app: VaultApp, deps: Deps, mount: string): void {
  scoped(app, (scope) => {
    door(scope, deps);
    list(scope, deps, mount);
    one(scope, deps, mount);
  });
  refuseOthers(app, "/sessions", ["GET", "POST"]);
  refuseOthers(app, "/sessions/:id", ["GET", "DELETE"]);
}

function list(app: VaultApp, deps: Deps, mount: string): void {
  const { broker } = deps;
  app.get("/sessions", {
    ...JUDGED_THERE,
    schema: describe({
      form: "session",
      summary: "List sessions, without their secrets (operators)",
      querystring: SessionListParameters,
      data: SessionList,
    }),
    handler: async (request, reply) => {
      const { server, label, after, limit } = request.query.value;
      if (limit < 1 || limit > LARGEST_PAGE) throw badRequest(`limit must be between 1 and ${LARGEST_PAGE}`);
      const maySee = sessionRights(await requirePrincipal(request, deps), "list", "sessions/");
      const isSeen: SessionRight = (one) => maySee(one) && (label === "" || one.label === label);
      const page = await broker.sessions.list(mount, { server: checkName("server", server), after, limit, isSeen });
      return sendFlat(reply, 200, listData(page));
    },
  });
}

function one(app: VaultApp, deps: Deps, mount: string): void {
  const { broker } = deps;
  app.get("/sessions/:id", {
    ...JUDGED_THERE,
    schema: describe({
      form: "session",
      summary: "Read a session, as the list has it (operators)",
      querystring: NoParameters,
      data: ListedSession,
    }),
    handler: async (request, reply) => {
      const { id = "" } = textsByName(request.params);
      const isSeen = sessionRights(await requirePrincipal(request, deps), "list", "sessions/");
      const found = await broker.sessions.find(mount, id, isSeen);
      if (!found) throw noSession();
      return sendFlat(reply, 200, summary(found));
    },
  });
  app.delete("/sessions/:id", {
    ...JUDGED_THERE,
    schema: describe({
      form: "session",
      summary: "Revoke and end a session (operators)",
      data: SessionEnded,
      empty: true,
    }),
    handler: async (request, reply) => {
      const { id = "" } = textsByName(request.params);
      const mayEnd = sessionRights(await requirePrincipal(request, deps), "delete", `sessions/${id}`);
      const warnings = await broker.sessions.endById(mount, id, mayEnd);
      if (!warnings) throw noSession();
      return sendEnded(reply, warnings);
    },
  });
}

/** Also of one that the token may not see. */
function noSession(): HttpError {
  return new HttpError(404, ["there is no session with that id"]);
}
