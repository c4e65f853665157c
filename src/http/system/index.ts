/** What the process says of itself, and pages that need no token: paths and shapes of answers; each file is one noun. */
import type { Deps, VaultApp } from "../app-types.ts";
import { activity } from "./activity.ts";
import { clientDocument } from "./client-document.ts";
import { docs } from "./docs.ts";
import { handOver } from "./hand-over.ts";
import { health } from "./health.ts";
import { init } from "./init.ts";
import { keys } from "./keys.ts";
import { leader } from "./leader.ts";
import { openapi } from "./openapi.ts";
import { providers } from "./providers.ts";
import { sealStatus } from "./seal-status.ts";
import { walk } from "./walk.ts";

export { health } from "./health.ts";
export { metrics } from "./metrics.ts";
export { collectRoutes } from "./openapi.ts";
export { probes } from "./probes.ts";
export { start } from "./start.ts";

/** For anybody. */
export function openSystem(app: VaultApp, deps: Deps): void {
  health(app, deps);
  sealStatus(app, deps);
  leader(app);
  init(app, deps);
  walk(app, deps);
  docs(app, deps);
  clientDocument(app, deps);
}

/** For tokens whose policies allow it. */
export function system(app: VaultApp, deps: Deps): void {
  openapi(app);
  keys(app, deps);
  activity(app, deps);
  providers(app, deps);
  handOver(app, deps);
}
