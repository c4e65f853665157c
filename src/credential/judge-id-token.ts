import type { Credential, IdToken, Issued } from "./credential.ts";
import { type Judgement, judge, leastOf, lifeAtIssue, mayRefresh } from "./judge.ts";

/** As `judge`, for a reader who wants the id_token beside the access token: it must live as long. */
export function judgeIdToken(credential: Credential, minimum: number, now: number): Judgement {
  const judgement = judge(credential, minimum, now);
  if (judgement.kind !== "token" || !judgement.credential.idToken) return judgement;
  const state = judgement.credential;
  const { idToken } = judgement.credential;
  const least = leastOf(lifeOf(idToken));
  const left = (idToken.expiresAt - now) / 1000;
  if (left > 0 && left >= Math.max(least, minimum)) return judgement;
  const expired = left <= 0 || left < least;
  const refreshable = mayRefresh(state, now) && couldHelp(state, idToken, { minimum, expired, now });
  return { kind: "short", credential: state, remaining: Math.floor(left), expired, refreshable, idToken };
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
