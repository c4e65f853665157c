import { backoff, TEMPORARY_BACKOFF } from "./backoff.ts";
import type { Issued } from "./credential.ts";
import type { Issue, Moment } from "./event.ts";
import type { Grant } from "./grant.ts";
import { lackingScopes } from "./granted-scopes.ts";
import { lifeOf, refreshEndOf } from "./token-life.ts";
import type { Trouble } from "./trouble.ts";

/** The state after tokens came. A refresh keeps what its answer leaves out (RFC 6749 6; OA-09, OA-10). */
export function issue(grant: Grant, event: Issue, moment: Moment, previous?: Issued): Issued {
  const { tokens } = event;
  const refreshToken = tokens.refreshToken ?? previous?.refreshToken;
  const isRenewable = refreshToken !== undefined || event.renewable === true;
  // A refreshed id_token may leave the name out.
  const identity = event.identity ? { ...previous?.identity, ...event.identity } : previous?.identity;
  const idToken = event.idToken ?? previous?.idToken;
  const { expiresAt, toldLife, notice } = lifeOf(event, grant, { previous, renewable: isRenewable });
  const refreshEnd = refreshToken === undefined ? undefined : refreshEndOf(event, previous);
  const { unverifiedIdToken } = event;
  const secret = event.secret ?? previous?.secret;
  const refreshedAs = event.refreshedAs ?? previous?.refreshedAs;
  // FC-05: without a way to another one it has just ended, and waiting helps nobody.
  const trouble = isRenewable && expiresAt === event.requestedAt ? useless(moment, previous) : undefined;
  const lacking = lackingOf(grant, event, previous, { refreshToken, identity });
  return {
    status: "issued",
    grant: event.client ? { ...grant, client: event.client } : grant,
    accessToken: tokens.accessToken,
    tokenType: tokens.tokenType,
    issuedAt: event.requestedAt,
    scopes: tokens.scopes ?? previous?.scopes ?? grant.scopes,
    extraData: event.extraData ?? previous?.extraData ?? {},
    notices: [...(event.notices ?? []), ...notice],
    jitter: previous?.jitter ?? moment.random,
    ...(refreshToken !== undefined && { refreshToken }),
    ...(identity !== undefined && { identity }),
    ...(idToken !== undefined && { idToken }),
    ...(unverifiedIdToken !== undefined && { unverifiedIdToken }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(toldLife !== undefined && { toldLife }),
    ...(refreshEnd !== undefined && { refreshEnd }),
    ...(secret !== undefined && { secret }),
    ...(refreshedAs !== undefined && { refreshedAs }),
    ...(trouble !== undefined && { trouble }),
    ...(lacking.length > 0 && { lackingScopes: lacking }),
  };
}

/** What an answer that is silent of scopes lacks is what the one before it lacked. */
function lackingOf(
  grant: Grant,
  { tokens, scopeNames }: Issue,
  previous: Issued | undefined,
  { refreshToken, identity }: { readonly refreshToken: unknown; readonly identity: unknown },
): readonly string[] {
  if (!tokens.scopes) return previous?.lackingScopes ?? [];
  const idToken = identity !== undefined || tokens.idToken !== undefined;
  return lackingScopes(grant.scopes, tokens.scopes, { refreshToken: refreshToken !== undefined, idToken }, scopeNames);
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
