import type { Issued, RefreshEnd } from "./credential.ts";
import type { Issue } from "./event.ts";
import type { Grant } from "./grant.ts";
import { NO_LIVES } from "./settings.ts";

/** How long a new access token lives, and from where that is known. */
interface Life {
  /** Epoch milliseconds; absent when it does not expire. */
  readonly expiresAt?: number;
  readonly toldLife?: number;
  readonly notice: readonly string[];
}

/**
 * The provider's life or the last it told; of one that never told any what somebody says who knows it (FC-01). Capped by
 * `maximum_expiry_seconds` of grant, server and mount (oauthapp.md 8.4).
 */
export function lifeOf(
  { tokens, requestedAt, lives = NO_LIVES }: Issue,
  { maximumExpirySeconds = 0 }: Grant,
  { previous, renewable }: { readonly previous: Issued | undefined; readonly renewable: boolean },
): Life {
  const { expiresIn, endless = false } = tokens;
  const toldLife = expiresIn || (endless ? undefined : previous?.toldLife);
  const isAssumed = renewable && !endless && expiresIn === undefined && toldLife === undefined;
  const assumed = isAssumed && lives.assumed > 0 ? lives.assumed : undefined;
  // A refresh token without an access token (odd answer D12): expired at once, so that the next refresh brings one.
  const life = tokens.accessToken === "" ? 0 : (expiresIn ?? toldLife ?? assumed);
  const limits = [life, ...[maximumExpirySeconds, lives.longest].filter((cap) => cap > 0)];
  const all = limits.filter((seconds) => seconds !== undefined);
  return {
    notice: isAssumed && tokens.accessToken !== "" ? [unknownLife(assumed)] : [],
    ...(all.length > 0 && { expiresAt: requestedAt + Math.min(...all) * 1000 }),
    ...(toldLife !== undefined && { toldLife }),
  };
}

function unknownLife(assumed: number | undefined): string {
  const silent = "the server does not say how long its access tokens live";
  return assumed === undefined
    ? `${silent}, so this one is never refreshed: set default_expiry_seconds for the server`
    : `${silent}: ${assumed} s are assumed (default_expiry_seconds)`;
}

/**
 * When the refresh token ends after an answer. An end that a refresh moves by less than half of the time since the one
 * before is an end of the login itself: no refresh helps against it.
 */
export function refreshEndOf({ tokens, requestedAt }: Issue, previous: Issued | undefined): RefreshEnd | undefined {
  const { refreshToken, refreshExpiresIn: life } = tokens;
  const before = previous?.refreshEnd;
  if (life === undefined) {
    const isSame = refreshToken === undefined || refreshToken === previous?.refreshToken;
    return isSame && before ? { ...before, final: true } : undefined;
  }
  const at = requestedAt + life * 1000;
  if (!previous || !before) return { at, life };
  const isFinal = at - before.at < (requestedAt - previous.issuedAt) / 2;
  return isFinal ? { at, life: before.life, final: true } : { at, life };
}

const WEEK_MS = 7 * 86_400_000;

/** From when on an end is soon: within a week, or half of the life (seconds) where that is shorter. Epoch milliseconds. */
export function endsSoonAt({ at, life }: Pick<RefreshEnd, "at" | "life">): number {
  return at - Math.min(WEEK_MS, life * 500);
}

/** Whether a login ends soon, whatever is refreshed. */
export function endsSoon({ refreshEnd }: Issued, now: number): boolean {
  return refreshEnd?.final === true && now > endsSoonAt(refreshEnd);
}
