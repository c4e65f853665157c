/**
 * The Vault-shaped API. It owns paths, names and the shapes of Vault's answers; not what values mean (broker/), nor
 * programs' sessions (session/), nor the process's own endpoints (system/).
 */
import type { Deps, VaultApp } from "../app-types.ts";
import { authCodeUrl } from "./auth-code-url.ts";
import { config } from "./config.ts";
import { creds } from "./creds.ts";
import type { MountRoutes } from "./mount-routes.ts";
import { check, plan, trial } from "./plan.ts";
import { self } from "./self.ts";
import { servers } from "./servers.ts";
import { sts } from "./sts.ts";

/** Everything below a mount that needs a token. */
export function mountRoutes(app: VaultApp, deps: Deps, at: MountRoutes): void {
  config(app, deps, at);
  servers(app, deps, at);
  check(app, deps, at);
  plan(app, deps, at);
  trial(app, deps, at);
  authCodeUrl(app, deps, at);
  creds(app, deps, at);
  self(app, deps, at);
  sts(app, deps, at);
}

export { callback } from "./callback.ts";
export { mountChanges } from "./mount-changes.ts";
export { type MountRoutes, ofEachMount } from "./mount-routes.ts";
export { mounts } from "./mounts.ts";
