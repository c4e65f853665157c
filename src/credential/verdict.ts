import type { Issued } from "./credential.ts";
import type { RefusedEvent } from "./event.ts";

/** What the standards say of a refresh token that is no good, and of a person who took the consent back. */
const STANDARD: ReadonlySet<string> = new Set(["invalid_grant", "access_denied"]);

/** What says nothing about the grant, whoever hears it: the client, or what was asked for, is another's to mend. */
const NOT_OF_GRANT: ReadonlySet<string> = new Set([
  "invalid_client",
  "unsupported_grant_type",
  "invalid_scope",
  "invalid_target",
  "use_dpop_nonce",
  "invalid_dpop_proof",
]);

const FORGOTTEN = "; the server forgot the client that was registered for this login: sign in again";

/** A refused refresh that is about the grant, with its text for readers. */
export interface Verdict {
  readonly text: string;
  /** In the standards' word for it, not in the server's own. */
  readonly isStandard: boolean;
}

/** Whether a refused refresh is about the grant (CL-04, CL-16); undefined: it is the operator's to mend. */
export function verdictOn({ grant }: Issued, { outcome, text, proven }: RefusedEvent): Verdict | undefined {
  if (outcome.kind !== "refused") return undefined;
  const { code } = outcome.error;
  if (STANDARD.has(code)) return { text, isStandard: true };
  // FC-90: a client that the broker had registered is nobody else's, and nobody can bring it back.
  const isRegistered = grant.binding?.client !== undefined || grant.client?.registered === true;
  const isForgotten = code === "invalid_client" || code === "unauthorized_client";
  if (isForgotten && isRegistered) return { text: text + FORGOTTEN, isStandard: false };
  // FC-03: in their own words servers refuse a dead refresh token as a malformed request, or for the wrong client.
  return proven && !NOT_OF_GRANT.has(code) ? { text, isStandard: false } : undefined;
}
