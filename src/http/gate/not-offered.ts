/** What clients would take a 404 for: none of them yet, or an answer that got lost. */
const NOT_OFFERED = {
  "/v1/sys/namespaces": "namespaces are not supported",
  "/v1/sys/leases": "there are no leases: a login ends when its credential is deleted, a token when it is revoked",
  "/v1/sys/seal": "the broker cannot be sealed: stop it instead",
  "/v1/sys/unseal": "the broker is never sealed: it opens its store when it starts",
  "/v1/sys/step-down": "all instances are equal: none leads",
  "/v1/sys/storage/raft": "there is no Raft: copies are made by coatcheck backup",
  "/v1/sys/rotate": "keys are rotated by coatcheck keys",
  "/v1/sys/rekey": "there are no key shares: keys are rotated by coatcheck keys",
  "/v1/sys/generate-root": "another root token is made beside the data: coatcheck token root",
  "/v1/sys/generate-root-token": "another root token is made beside the data: coatcheck token root",
  "/v1/sys/plugins/catalog": "plugins are not supported: what there is is built in",
} as const;

/**
 * Why nothing is there, for people who ask by `namespace list` or `operator seal`: by whichever method, and below too. Looked up where
 * nothing else is found: as routes these paths were a third of all that the router has, and compiles at each start.
 */
export function notOffered(path: string): string | undefined {
  return Object.entries(NOT_OFFERED).find(([url]) => path === url || path.startsWith(`${url}/`))?.[1];
}
