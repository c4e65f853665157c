import type { Grant, Issued } from "./credential.ts";
import type { Issue, Moment } from "./event.ts";

/** The state after tokens came. A refresh keeps what its answer leaves out (RFC 6749 6; OA-09, OA-10). */
export function issue(grant: Grant, event: Issue, moment: Moment, previous?: Issued): Issued {
  const { tokens } = event;
  const refreshToken = tokens.refreshToken ?? previous?.refreshToken;
  const identity = event.identity ?? previous?.identity;
  const expiresAt = expiry(event, grant);
  return {
    status: "issued",
    grant,
    accessToken: tokens.accessToken,
    tokenType: tokens.tokenType,
    issuedAt: event.requestedAt,
    scopes: tokens.scopes ?? previous?.scopes ?? grant.scopes,
    extraData: event.extraData ?? previous?.extraData ?? {},
    notices: event.notices ?? [],
    jitter: previous?.jitter ?? moment.random,
    ...(refreshToken !== undefined && { refreshToken }),
    ...(identity !== undefined && { identity }),
    ...(expiresAt !== undefined && { expiresAt }),
  };
}

/** Effective expiry: the provider's or none, capped by `maximum_expiry_seconds` (oauthapp.md 8.4). */
function expiry({ tokens, requestedAt }: Issue, grant: Grant): number | undefined {
  // A refresh token without an access token (odd answer D12): expired at once, so that the next refresh brings one.
  const life = tokens.accessToken === "" ? 0 : tokens.expiresIn;
  const cap = grant.maximumExpirySeconds ?? 0;
  const lives = [life, cap > 0 ? cap : undefined].filter((seconds) => seconds !== undefined);
  return lives.length === 0 ? undefined : requestedAt + Math.min(...lives) * 1000;
}
