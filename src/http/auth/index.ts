/**
 * Logins in Vault's forms: where methods are enabled, how they are configured, and how a token is had without one. It owns paths; what
 * a method is told comes from its own tables (broker/auth).
 */
export { logins } from "./login.ts";
export { methods } from "./methods.ts";
export { mounts as authMountRoutes } from "./mounts.ts";
export { secretIds } from "./secret-ids.ts";
export { tokenRoles } from "./token-roles.ts";
