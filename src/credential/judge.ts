import type { CodePending, Credential, DevicePending, Failed, IdToken, Issued } from "./credential.ts";
import { earliestTry, settleDeath } from "./refresh.ts";

/** No reader is given less than this, or than half the token's life where that is shorter (decisions.md). Seconds. */
const LEAST_LIFE = 10;

/** What a read may answer from the record alone (oauthapp.md 5.2, first matching row). */
export type Judgement =
  | { readonly kind: "pending"; readonly credential: DevicePending | CodePending }
  | { readonly kind: "failed"; readonly credential: Failed }
  | { readonly kind: "token"; readonly credential: Issued }
  /** Below what the reader wants; `refreshable` says whether an attempt could help now. */
  | {
      readonly kind: "short";
      readonly credential: Issued;
      readonly remaining: number;
      /** Nobody can use it at all, whatever the minimum. */
      readonly expired: boolean;
      readonly refreshable: boolean;
      /** It lives as long as was asked: good enough where no other can be had just now (FC-89). */
      readonly usable?: boolean;
      /** It is the id_token that is short; the access token is well. */
      readonly idToken?: IdToken;
      /** It waits for its key. */
      readonly unverified?: true;
    };

/** Judges a credential for a reader who wants `minimum` seconds of life. */
export function judge(credential: Credential, minimum: number, now: number): Judgement {
  if (credential.status === "pending") return { kind: "pending", credential };
  const state = credential.status === "issued" ? settleDeath(credential, now + LEAST_LIFE * 1000) : credential;
  if (state.status === "failed") return { kind: "failed", credential: state };
  const left = secondsLeft(state, now);
  const floor = leastLife(state);
  if (left === undefined || !isShort(left, Math.max(floor, minimum))) return { kind: "token", credential: state };
  const expired = isShort(left, floor);
  return {
    kind: "short",
    credential: state,
    remaining: Math.floor(left),
    expired,
    refreshable: refreshable(state, minimum, expired, now),
    usable: !isShort(left, minimum) && mayComeLater(state),
  };
}

/** FC-74: compared exactly; only texts are in whole seconds. What is over is never long enough. Seconds. */
export function isShort(left: number, least: number): boolean {
  return left <= 0 || left < least;
}

/** Whether another one is to come, so that the rest of this one bridges a gap. */
function mayComeLater(state: Issued): boolean {
  return state.trouble ? state.trouble.kind !== "dead" : isRenewable(state);
}

/** Whether another token can be had without a person. */
export function isRenewable({ refreshToken, grant }: Issued): boolean {
  return refreshToken !== undefined || grant.own === true;
}

/** More than clocks of instances differ by. Milliseconds. */
const FUTURE_MS = 60_000;

/** Seconds left, whole, rounded down; undefined when it does not expire. */
export function remainingSeconds(state: Issued, now: number): number | undefined {
  const left = secondsLeft(state, now);
  return left === undefined ? undefined : Math.floor(left);
}

/**
 * Seconds left; undefined when it does not expire. Of a token that was issued later than now, by a
 * clock that was ahead then, nobody knows how long it lives: none. Nor does one live that never came (odd answer D12).
 */
export function secondsLeft(state: Issued, now: number): number | undefined {
  if (state.accessToken === "") return 0;
  if (state.expiresAt !== undefined && state.issuedAt > now + FUTURE_MS) return 0;
  return state.expiresAt === undefined ? undefined : (state.expiresAt - now) / 1000;
}

/** The least life that a reader is given of it. Seconds. */
export function leastLife(state: Issued): number {
  const life = lifeAtIssue(state);
  return life === undefined ? 0 : leastOf(life);
}

/** The least that is handed out of something that lives so long. Seconds. */
export function leastOf(life: number): number {
  return Math.min(LEAST_LIFE, life / 2);
}

/** Seconds the access token was given at its issue. */
export function lifeAtIssue(state: Issued): number | undefined {
  return state.expiresAt === undefined ? undefined : (state.expiresAt - state.issuedAt) / 1000;
}

/** Why a token that nothing can renew is of no use any more. */
export function lapsedText(state: Issued): string {
  const born = lifeAtIssue(state) === 0;
  return born ? "token expired: the server issued it with expires_in 0, and without a refresh token" : "token expired";
}

function refreshable(state: Issued, minimum: number, expired: boolean, now: number): boolean {
  if (!mayRefresh(state, now)) return false;
  if (expired) return true;
  // FC-74: what comes must be able to satisfy it, and readers must not burn rotations: once within a tenth of a life.
  const life = lifeAtIssue(state) ?? 0;
  return life > minimum && now - state.issuedAt >= life * 100;
}

/** Whether an attempt could be made at all just now, if only by a reader who waits. */
export function mayRefresh(state: Issued, now: number): boolean {
  return isRenewable(state) && state.trouble?.kind !== "dead" && earliestTry(state) <= now;
}
