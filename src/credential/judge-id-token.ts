import type { Credential, IdToken, Issued } from "./credential.ts";
import { type Judgement, judge, leastOf, lifeAtIssue, mayRefresh } from "./judge.ts";

/** As `judge`, for a reader who wants the id_token beside the access token: it must live as long. */
export function judgeIdToken(credential: Credential, minimum: number, now: number): Judgement {
  const judgement = judge(credential, minimum, now);
  if (judgement.kind !== "token") return judgement;
  const state = judgement.credential;
  const { idToken, unverifiedIdToken: waiting } = state;
  if (waiting && (!idToken || isShort(idToken, minimum, now)) && !isShort(waiting, minimum, now)) {
    const remaining = Math.floor(secondsLeft(waiting, now));
    return {
      kind: "short",
      credential: state,
      remaining,
      expired: true,
      refreshable: true,
      idToken: waiting,
      unverified: true,
    };
  }
  if (!idToken) return judgement;
  const least = leastOf(lifeOf(idToken));
  const left = secondsLeft(idToken, now);
  if (!isShort(idToken, minimum, now)) return judgement;
  const expired = left <= 0 || left < least;
  const refreshable = mayRefresh(state, now) && couldHelp(state, idToken, { minimum, expired, now });
  return { kind: "short", credential: state, remaining: Math.floor(left), expired, refreshable, idToken };
}

/** Compared exactly (decisions.md). */
function isShort(idToken: IdToken, minimum: number, now: number): boolean {
  const left = secondsLeft(idToken, now);
  return left <= 0 || left < Math.max(leastOf(lifeOf(idToken)), minimum);
}

function secondsLeft({ expiresAt }: IdToken, now: number): number {
  return (expiresAt - now) / 1000;
}

/** Seconds. */
function lifeOf({ requestedAt, expiresAt }: IdToken): number {
  return (expiresAt - requestedAt) / 1000;
}

/**
 * OpenID Connect Core 12.2: a refresh may bring none. After one that did not, the next is tried in the second half of the
 * access token's life: readers must not burn rotations.
 */
function couldHelp(
  state: Issued,
  idToken: IdToken,
  { minimum, expired, now }: { readonly minimum: number; readonly expired: boolean; readonly now: number },
): boolean {
  if (idToken.requestedAt < state.issuedAt) return isPastHalf(state.issuedAt, lifeAtIssue(state), now);
  const life = lifeOf(idToken);
  return expired || life > minimum || isPastHalf(idToken.requestedAt, life, now);
}

function isPastHalf(from: number, life: number | undefined, now: number): boolean {
  return life !== undefined && now - from >= (life * 1000) / 2;
}
