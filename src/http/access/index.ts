/**
 * Who may do what, in Vault's forms: policies, what they let a token do, and tokens. It owns paths and the shapes of answers; not what a policy means (access/) nor
 * where it is kept (broker/).
 */
export { audit } from "./audit.ts";
export { capabilities } from "./capabilities.ts";
export { plugins } from "./plugins.ts";
export { policies } from "./policies.ts";
export { tokens } from "./tokens.ts";
export { unwrapping, wrap } from "./wrapping.ts";
