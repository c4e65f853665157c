/**
 * The Vault-shaped API. It owns paths, names and the shapes of Vault's answers; not what values mean (broker/), nor
 * programs' sessions (session/), nor the process's own endpoints (system/).
 */
import type { Deps, VaultApp } from "../app-types.ts";
import { authCodeUrl } from "./auth-code-url.ts";
import { config } from "./config.ts";
import { creds } from "./creds.ts";
import { check, plan, trial } from "./plan.ts";
import { self } from "./self.ts";
import { servers } from "./servers.ts";
import { sts } from "./sts.ts";

/** Everything below one mount that needs a token. */
export function mountRoutes(app: VaultApp, deps: Deps, mount: string): void {
  config(app, deps, mount);
  servers(app, deps, mount);
  check(app, deps, mount);
  plan(app, deps, mount);
  trial(app, deps, mount);
  authCodeUrl(app, deps, mount);
  creds(app, deps, mount);
  self(app, deps, mount);
  sts(app, deps, mount);
}

export { callback } from "./callback.ts";
export { mounts } from "./mounts.ts";
