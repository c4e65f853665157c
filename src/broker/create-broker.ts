import { belongsToSession } from "../session/index.ts";
import type { Broker } from "./broker.ts";
import { authorizationCodeUrl } from "./credential/authorization-code-url.ts";
import { deleteCredential, deleteSelf } from "./credential/delete-credential.ts";
import { exchangeToken } from "./credential/exchange-token.ts";
import { countCredentials, findCredentials, listCredentials } from "./credential/list-credentials.ts";
import { readCredential } from "./credential/read-credential.ts";
import { readHistory } from "./credential/read-history.ts";
import { readyToken } from "./credential/ready-token.ts";
import { receiveCallback } from "./credential/receive-callback.ts";
import { readSelf, writeSelf } from "./credential/self.ts";
import { writeCredential } from "./credential/write-credential.ts";
import { invalid } from "./errors.ts";
import { detach } from "./process/background.ts";
import type { Context } from "./process/context.ts";
import { ownedBy } from "./process/copy.ts";
import { forwardRequest } from "./proxy/forward-request.ts";
import { passMcp } from "./proxy/mcp/gateway.ts";
import { retryCredential } from "./record/quarantine.ts";
import { namesOf } from "./record/rows.ts";
import { readConfig } from "./record/settings.ts";
import { planServer, usesOfServer } from "./server/plan-server.ts";
import { checkServer, deleteServer, readServer, writeServer } from "./server/servers.ts";
import { tryServer } from "./server/trial/try-server.ts";
import { admit } from "./session/admit.ts";
import { decideLogin, readTypedLogin } from "./session/decide-login.ts";
import { handInCallback } from "./session/hand-in.ts";
import { findSession, listSessions, revokeSessions } from "./session/many-sessions.ts";
import { knownId, readSession, readSessionToken, readySessionToken } from "./session/read-session.ts";
import { rejectToken } from "./session/reject-token.ts";
import { renewLogin } from "./session/renew-login.ts";
import { endSession, endSessionById } from "./session/session.ts";
import { startSession } from "./session/start-session.ts";
import { waitForSession, watchSession } from "./session/watch-session.ts";
import type { Sessions } from "./sessions.ts";
import { deleteConfig, writeConfig } from "./write-config.ts";

/** The use cases, bound to what they work with. */
export function createBroker(context: Context): Broker {
  const owned = ownedBy(context);
  return {
    readConfig: (mount) => readConfig(context, mount),
    writeConfig: (mount, settings) => writeConfig(context, mount, settings),
    deleteConfig: (mount) => deleteConfig(context, mount),
    writeServer: (mount, name, input) => writeServer(context, mount, name, input),
    readServer: (mount, name) => readServer(context, mount, name),
    deleteServer: (mount, name) => deleteServer(context, mount, name),
    listServers: (mount, page) => namesOf(context, mount, "server", page),
    checkServer: (mount, name, input) => checkServer(context, mount, name, input),
    planServer: (mount, name, input) => planServer(context, mount, name, input),
    tryServer: (mount, name, input) => tryServer(context, mount, name, input),
    usesOfServer: (mount, name) => usesOfServer(context, mount, name),
    authorizationCodeUrl: owned(async (mount, input) => {
      requireFree(input.name);
      return authorizationCodeUrl(context, mount, input);
    }),
    receiveCallback: (mount, back) => receiveCallback(context, mount, back),
    writeCredential: owned(async (mount, name, input, by) =>
      writeCredential(context, mount, requireFree(name), input, by),
    ),
    readyToken: (mount, name) => readyToken(context, mount, name),
    readCredential: (mount, name, minimum) => readCredential(context, mount, name, minimum),
    readHistory: (mount, name) => readHistory(context, mount, name),
    retryCredential: owned((mount, name) => retryCredential(context, mount, name)),
    deleteCredential: owned((mount, name, revoke) => deleteCredential(context, mount, name, revoke)),
    writeSelf: owned((mount, name, input) => writeSelf(context, mount, name, input)),
    readSelf: (mount, name, minimum) => readSelf(context, mount, name, minimum),
    deleteSelf: owned((mount, name, revoke) => deleteSelf(context, mount, name, revoke)),
    exchangeToken: owned((mount, name, input) => exchangeToken(context, mount, name, input)),
    ...listsOf(context),
    sessions: createSessions(context),
    check: () => context.store.check(),
  };
}

function listsOf(context: Context): Pick<Broker, `${"list" | "find" | "count"}${"Credentials" | "Self"}`> {
  return {
    listCredentials: (mount, page) => listCredentials(context, mount, "creds", page),
    findCredentials: (mount, page) => findCredentials(context, mount, "creds", page),
    countCredentials: (mount, prefix) => countCredentials(context, mount, "creds", prefix),
    listSelf: (mount, page) => listCredentials(context, mount, "self", page),
    findSelf: (mount, page) => findCredentials(context, mount, "self", page),
    countSelf: (mount, prefix) => countCredentials(context, mount, "self", prefix),
  };
}

/** A session's credential is written by nothing but its login. */
function requireFree(name: string): string {
  if (belongsToSession(name)) throw invalid('names that begin with "session/" are reserved for sessions');
  return name;
}

/** The use cases of sessions, bound to what they work with. */
function createSessions(context: Context): Sessions {
  const owned = ownedBy(context);
  return {
    admit: (mount, what, caller) => admit(context, mount, what, caller),
    start: owned((mount, input, caller) => startSession(context, mount, input, caller)),
    read: (mount, secret) => readSession(context, mount, secret),
    wait: (mount, secret, seconds, signal) => waitForSession(context, mount, secret, seconds, signal),
    watch: (mount, secret, signal) => watchSession(context, mount, secret, signal),
    handIn: owned((mount, secret, pasted) => handInCallback(context, mount, secret, pasted)),
    readyToken: (mount, secret) => readySessionToken(context, mount, secret),
    idOf: (mount, secret) => knownId(context, mount, secret),
    token: (mount, secret, query) => readSessionToken(context, mount, secret, query),
    reject: owned((mount, secret, hash) => rejectToken(context, mount, secret, hash)),
    login: owned((mount, secret, scopes, caller) => renewLogin(context, mount, secret, scopes, caller)),
    end: owned((mount, secret, revoke) => endSession(context, mount, secret, revoke)),
    forward: (mount, secret, request) => forwardRequest(context, mount, secret, request),
    gateway: (mount, secret, request) => passMcp(context, mount, secret, request),
    list: (mount, query) => listSessions(context, mount, query),
    find: (mount, id, isSeen) => findSession(context, mount, id, isSeen),
    endById: owned((mount, id, mayEnd) => endSessionById(context, mount, id, mayEnd)),
    revoke: owned((mount, range) => detach(context, revokeSessions(context, mount, range))),
    typedLogin: (mount, visitor, typed) => readTypedLogin(context, mount, visitor, typed),
    decideLogin: owned((mount, visitor, decision) => decideLogin(context, mount, visitor, decision)),
  };
}
