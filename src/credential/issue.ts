import { backoff, TEMPORARY_BACKOFF } from "./backoff.ts";
import type { Grant, Issued, Trouble } from "./credential.ts";
import type { Issue, Moment } from "./event.ts";

/** The state after tokens came. A refresh keeps what its answer leaves out (RFC 6749 6; OA-09, OA-10). */
export function issue(grant: Grant, event: Issue, moment: Moment, previous?: Issued): Issued {
  const { tokens } = event;
  const refreshToken = tokens.refreshToken ?? previous?.refreshToken;
  // A refreshed id_token may leave the name out.
  const identity = event.identity ? { ...previous?.identity, ...event.identity } : previous?.identity;
  const idToken = event.idToken ?? previous?.idToken;
  const expiresAt = expiry(event, grant);
  const secret = event.secret ?? previous?.secret;
  const refreshedAs = event.refreshedAs ?? previous?.refreshedAs;
  const trouble = expiresAt === event.requestedAt ? useless(moment, previous) : undefined;
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
    ...(idToken !== undefined && { idToken }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(secret !== undefined && { secret }),
    ...(refreshedAs !== undefined && { refreshedAs }),
    ...(trouble !== undefined && { trouble }),
  };
}

/** A token without a life is no use to anybody: the next attempt waits like after any other failure (I9). */
function useless(moment: Moment, previous: Issued | undefined): Trouble {
  const before = previous?.trouble;
  const attempts = before && before.kind === "temporary" ? before.attempts + 1 : 1;
  const wait = attempts === 1 ? 0 : backoff(attempts, TEMPORARY_BACKOFF, moment.random);
  return {
    kind: "temporary",
    reason: "temporarily_unavailable",
    text: "the server's answer contained no usable access token",
    attempts,
    retryAt: moment.now + wait * 1000,
    since: before?.since ?? moment.now,
    doubt: false,
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
