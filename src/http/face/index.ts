/**
 * The dashboard, for operators and people: screens under `/ui`. It owns what they look like and who is signed in; everything that they
 * show or do is a request to our own API (`api.ts`), as any client sends it, with the person's token. Signing in and out alone asks the
 * broker itself: whose token one is, for the browser's own, which the API does not make, and for its end.
 */
import type { Deps, VaultApp } from "../app-types.ts";
import { scoped } from "../gate/offers.ts";
import { accessHome } from "./access/areas.ts";
import { auditDevices } from "./access/audit.ts";
import { authMethods } from "./access/methods.ts";
import { mounts } from "./access/mounts.ts";
import { policies } from "./access/policies.ts";
import { tokens } from "./access/tokens.ts";
import { credentialList } from "./credentials/list.ts";
import { startLogin } from "./credentials/login.ts";
import { credential } from "./credentials/one.ts";
import { mcpServers } from "./mcp/mcp.ts";
import { mine } from "./mine/mine.ts";
import { overview } from "./overview/overview.ts";
import { faceErrors } from "./refused.ts";
import { serverList } from "./servers/list.ts";
import { newServer } from "./servers/new.ts";
import { server } from "./servers/one.ts";
import { serverTrial } from "./servers/trial.ts";
import { sessionList } from "./sessions/list.ts";
import { session } from "./sessions/one.ts";
import { signIn, signOut } from "./sign-in.ts";
import { signInByOidc } from "./sign-in-oidc.ts";
import { requireVisit } from "./visit.ts";

export function face(app: VaultApp, deps: Deps): void {
  app.setErrorHandler(faceErrors(deps));
  signIn(app, deps);
  signOut(app, deps);
  signInByOidc(app, deps);
  scoped(app, (scope) => {
    requireVisit(scope, deps);
    overview(scope, deps);
    credentialList(scope, deps);
    credential(scope, deps);
    startLogin(scope, deps);
    sessionList(scope, deps);
    session(scope, deps);
    mine(scope, deps);
    mcpServers(scope, deps);
    serverList(scope, deps);
    server(scope, deps);
    newServer(scope, deps);
    serverTrial(scope, deps);
    accessHome(scope, deps);
    tokens(scope, deps);
    policies(scope, deps);
    authMethods(scope, deps);
    mounts(scope, deps);
    auditDevices(scope, deps);
  });
}
