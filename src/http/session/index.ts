/**
 * The session API for programs. It owns paths and the shapes of its answers: flat JSON, errors as in OAuth; not what a
 * session is (session/) nor what is done with one (broker/).
 */

import { sessionErrors } from "../answer/session-errors.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { passFirst, scoped } from "../gate/offers.ts";
import { allowOrigins, refuseForeignPages } from "../gate/origins.ts";
import { events } from "./events.ts";
import { watchLeaving } from "./leaving.ts";
import { login } from "./login.ts";
import { mcp } from "./mcp.ts";
import { operators } from "./operators.ts";
import { proxy } from "./proxy.ts";
import { revoke } from "./revoke.ts";
import { session } from "./session.ts";
import { start } from "./start.ts";
import { token } from "./token.ts";

export { device } from "./device.ts";
export { type LoopbackPages, loopback } from "./loopback.ts";

/** Sessions belong to the first mount. */
export function sessionRoutes(app: VaultApp, deps: Deps): void {
  const mount = deps.mounts.first;
  const leaving = watchLeaving(app, deps);
  app.setErrorHandler(sessionErrors(deps));
  allowOrigins(app, deps.allowedOrigins ?? new Set());
  passFirst(app, refuseForeignPages(deps));
  start(app, deps, mount);
  session(app, deps, mount, leaving);
  events(app, deps, mount, leaving);
  token(app, deps, mount);
  login(app, deps, mount);
  operators(app, deps, mount);
  revoke(app, deps, mount);
  scoped(app, (scope) => mcp(scope, deps, mount, leaving));
  scoped(app, (scope) => proxy(scope, deps, mount, leaving));
}
