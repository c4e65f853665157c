/** What a caller's own parameters must not touch: the grant, and the one client authentication (OA-02). */
const OURS: ReadonlySet<string> = new Set([
  "grant_type",
  "client_id",
  "client_secret",
  "client_assertion",
  "client_assertion_type",
]);

/** A caller's own parameters for a request body, without empty ones (OA-01) and those that are ours to set. */
export function extraParameters(parameters: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(parameters).filter(([name, value]) => value !== "" && !OURS.has(name)));
}
