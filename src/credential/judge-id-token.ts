import type { Credential, IdToken, Issued } from "./credential.ts";
import { isShort, type Judgement, judge, leastOf, lifeAtIssue, mayRefresh } from "./judge.ts";

/** As `judge`, for a reader who wants the id_token beside the access token: it must live as long. */
export function judgeIdToken(credential: Credential, minimum: number, now: number): Judgement {
  const judgement = judge(credential, minimum, now);
  if (judgement.kind !== "token") return judgement;
  const state = judgement.credential;
  const { idToken, unverifiedIdToken: waiting } = state;
  if (waiting && !lasts(idToken, minimum, now) && lasts(waiting, minimum, now)) {
    const remaining = Math.floor(leftOf(waiting, now));
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
  if (!idToken || lasts(idToken, minimum, now)) return judgement;
  const left = leftOf(idToken, now);
  const expired = isShort(left, leastOf(lifeOf(idToken)));
  const refreshable = mayRefresh(state, now) && couldHelp(state, idToken, { minimum, expired, now });
  return { kind: "short", credential: state, remaining: Math.floor(left), expired, refreshable, idToken };
}

function lasts(idToken: IdToken | undefined, minimum: number, now: number): boolean {
  return idToken !== undefined && !isShort(leftOf(idToken, now), Math.max(leastOf(lifeOf(idToken)), minimum));
}

/** Seconds. */
function leftOf({ expiresAt }: IdToken, now: number): number {
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
