import { OneSession, SessionEnded, SessionList, SessionListParameters } from "../../api/index.ts";
import type { SessionRight } from "../../broker/sessions.ts";
import { sendFlat } from "../answer/answer.ts";
import { describe, NoParameters } from "../answer/describe.ts";
import { badRequest, denied, HttpError } from "../answer/http-error.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { door, JUDGED_THERE } from "../gate/door.ts";
import { requirePrincipal } from "../gate/guard.ts";
import { scoped } from "../gate/offers.ts";
import { mayEndSession, maySeeSessions, seesAll, seesOthers, sessionsFor } from "../gate/session-rights.ts";
import { checkName } from "../input/names.ts";
import { textsByName } from "../input/texts-by-name.ts";
import { sendEnded } from "./session.ts";
import { listData, oneData } from "./views.ts";

const LARGEST_PAGE = 1_000;

const STATUSES = ["pending", "active", "ended"] as const;

/** `GET /sessions`, and `GET` and `DELETE /sessions/:id`, for operators. */
export function operators(app: VaultApp, deps: Deps, mount: string): void {
  scoped(app, (scope) => {
    door(scope, deps);
    list(scope, deps, mount);
    one(scope, deps, mount);
  });
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
      const { server, label, whose, after, limit, account, counts, status } = request.query.value;
      if (limit < 1 || limit > LARGEST_PAGE) throw badRequest(`limit must be between 1 and ${LARGEST_PAGE}`);
      if (!["", "mine", "others"].includes(whose)) throw badRequest("whose must be mine, others, or empty");
      const known = STATUSES.find((one) => one === status);
      if (status !== "" && !known) throw badRequest(`status must be one of ${STATUSES.join(", ")}`);
      const principal = await requirePrincipal(request, deps);
      const maySee = maySeeSessions(principal);
      if (whose === "others" && !seesOthers(principal)) throw denied();
      const told = sessionsFor(principal);
      const isAsked: SessionRight = (one, account) => whose === "" || told.isYours(one, account) === (whose === "mine");
      const isSeen: SessionRight = (one, account) =>
        maySee(one, account) && (label === "" || one.label === label) && isAsked(one, account);
      const page = await broker.sessions.list(mount, {
        ...{ server: checkName("server", server), after, limit, isSeen, isCounted: counts && seesAll(principal) },
        ...(account !== "" && { account }),
        ...(known && { status: known }),
      });
      return sendFlat(reply, 200, listData(page, told));
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
      data: OneSession,
    }),
    handler: async (request, reply) => {
      const { id = "" } = textsByName(request.params);
      const principal = await requirePrincipal(request, deps);
      const found = await broker.sessions.find(mount, id, maySeeSessions(principal));
      if (!found) throw noSession();
      return sendFlat(reply, 200, oneData(found, sessionsFor(principal), deps.clock.now()));
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
      const mayEnd = mayEndSession(await requirePrincipal(request, deps), id);
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
