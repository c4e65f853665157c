/**
 * `default`, as every token has it that does not say otherwise: a token may look at itself, renew and end itself, and ask what it may
 * do. An operator may write another one.
 */
export const DEFAULT_POLICY = `# Every token may look at itself, renew and revoke itself, ask what it may do, and wrap what it has.
path "auth/token/lookup-self" {
  capabilities = ["read", "update"]
}
path "auth/token/renew-self" {
  capabilities = ["update"]
}
path "auth/token/revoke-self" {
  capabilities = ["update"]
}
path "sys/capabilities-self" {
  capabilities = ["update"]
}
# Whoever has signed in by an account sees and ends the logins that programs hold of it.
path "sessions/mine" {
  capabilities = ["list", "delete"]
}
path "sys/wrapping/wrap" {
  capabilities = ["update"]
}
path "sys/wrapping/lookup" {
  capabilities = ["update"]
}
path "sys/wrapping/unwrap" {
  capabilities = ["update"]
}
`;

/** What clients are shown of `root`: an empty text would be read as no policy. Nothing is decided by it. */
export const ROOT_POLICY = `# The root policy is built in and cannot be changed: everything is permitted.
path "*" {
  capabilities = ["create", "read", "update", "patch", "delete", "list", "sudo"]
}
`;

/** Of the token that reads metrics (COATCHECK_METRICS_TOKEN), which has it for itself: no other token can be given it. */
export const METRICS_POLICY = `path "sys/metrics" {
  capabilities = ["read"]
}
path "metrics" {
  capabilities = ["read"]
}
`;
