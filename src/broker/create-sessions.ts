import { detach } from "./process/background.ts";
import type { Context } from "./process/context.ts";
import { ownedBy } from "./process/copy.ts";
import { forwardRequest } from "./proxy/forward-request.ts";
import { decideLogin, readTypedLogin } from "./session/decide-login.ts";
import { endSession, endSessionById } from "./session/end-session.ts";
import { listSessions } from "./session/list-sessions.ts";
import { readSession, readSessionToken } from "./session/read-session.ts";
import { rejectToken } from "./session/reject-token.ts";
import { revokeSessions } from "./session/revoke-sessions.ts";
import { startSession } from "./session/start-session.ts";
import { waitForSession, watchSession } from "./session/watch-session.ts";
import type { Sessions } from "./sessions.ts";

/** The use cases of sessions, bound to what they work with. */
export function createSessions(context: Context): Sessions {
  const owned = ownedBy(context);
  return {
    start: owned((mount, input, caller) => startSession(context, mount, input, caller)),
    read: (mount, secret) => readSession(context, mount, secret),
    wait: (mount, secret, seconds, signal) => waitForSession(context, mount, secret, seconds, signal),
    watch: (mount, secret, signal) => watchSession(context, mount, secret, signal),
    token: (mount, secret, wanted) => readSessionToken(context, mount, secret, wanted),
    reject: owned((mount, secret, hash) => rejectToken(context, mount, secret, hash)),
    end: owned((mount, secret, revoke) => endSession(context, mount, secret, revoke)),
    forward: (mount, secret, request) => forwardRequest(context, mount, secret, request),
    list: (mount, wanted) => listSessions(context, mount, wanted),
    endById: owned((mount, id) => endSessionById(context, mount, id)),
    revoke: owned((mount, range) => detach(context, revokeSessions(context, mount, range))),
    typedLogin: (mount, visitor, typed) => readTypedLogin(context, mount, visitor, typed),
    decideLogin: owned((mount, visitor, decision) => decideLogin(context, mount, visitor, decision)),
  };
}
