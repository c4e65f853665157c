import { backoff, confirmAfter, OPERATOR_BACKOFF, TEMPORARY_BACKOFF, whileItLasts } from "./backoff.ts";
import type { Credential, Failed, Issued } from "./credential.ts";
import type { Event, Moment, RefusedEvent } from "./event.ts";
import { isOperatorReason, type OperatorReason } from "./reason.ts";
import type { Trouble } from "./trouble.ts";
import { verdictOn } from "./verdict.ts";

type ApiRefusedEvent = Extract<Event, { type: "api-refused" }>;

/** faults.md section 4: an answer that went missing is asked for again once, quickly. Seconds. */
const QUICK_REPLAY = 2;

/** CL-10: probably not consumed, but if the next answer is `invalid_grant` it may have been. */
const PERHAPS_CONSUMED: ReadonlySet<number> = new Set([408, 425, 429, 503]);

/** What a refresh without tokens makes of an issued credential (oauthapp.md 8.2, requirements.md section 2). */
export function afterRefresh(state: Issued, event: RefusedEvent, moment: Moment): Credential {
  const doubt = event.doubt || inDoubt(state);
  const { outcome } = event;
  if (outcome.kind !== "refused") return withTrouble(state, temporaryTrouble(state, event, moment, doubt));
  const { code, providerCode } = outcome.error;
  const verdict = verdictOn(state, event);
  if (verdict) return afterGrantRefusal(state, { ...event, text: verdict.text }, moment, { ...verdict, doubt });
  const reason = isOperatorReason(code) ? code : "invalid_request";
  return withTrouble(
    state,
    operatorTrouble(state, { reason, text: event.text, providerError: providerCode }, moment, doubt),
  );
}

/** No request was made: a doubt that was there stays. */
export function withServerTrouble(
  state: Issued,
  fault: { reason: OperatorReason; text: string; doubt: boolean },
  moment: Moment,
): Issued {
  if (state.trouble?.kind === "dead") return state;
  return withTrouble(state, operatorTrouble(state, fault, moment, fault.doubt || inDoubt(state)));
}

/** Whether the stored refresh token was sent without a definite answer. */
export function inDoubt(state: Issued): boolean {
  const trouble = state.trouble;
  return trouble !== undefined && trouble.kind !== "dead" && trouble.doubt === true;
}

/** When a reader who waits may try again: what passes by itself need not be waited out. Epoch milliseconds; 0 = any time. */
export function earliestTry({ trouble }: Issued): number {
  if (trouble === undefined || trouble.kind === "dead") return 0;
  return trouble.kind === "temporary" ? (trouble.notBefore ?? 0) : trouble.retryAt;
}

/** An attempt now would be made before its time: readers who want one take turns. */
export function isEarly({ trouble }: Issued, now: number): boolean {
  return trouble !== undefined && trouble.kind !== "dead" && trouble.retryAt > now;
}

function afterGrantRefusal(
  state: Issued,
  event: RefusedEvent,
  moment: Moment,
  { doubt, isStandard }: { readonly doubt: boolean; readonly isStandard: boolean },
): Credential {
  const providerError = event.outcome.kind === "refused" ? { providerError: event.outcome.error.providerCode } : {};
  const { text } = event;
  // After a lost answer the standard word is the end at once; a server's own words are confirmed first.
  if (!(doubt && isStandard) && state.trouble?.kind !== "suspect") {
    return withTrouble(state, {
      kind: "suspect",
      text,
      ...providerError,
      attempts: 1,
      retryAt: moment.now + confirmAfter(state.expiresAt, moment) * 1000,
      since: moment.now,
      ...(doubt && { doubt }),
    });
  }
  if (state.sibling !== undefined) return withSibling(state, state.sibling, text, moment);
  const reason = doubt ? "lost_in_rotation" : "invalid_grant";
  const dead = { kind: "dead", reason, text: text + oldDevice(state), ...providerError, since: moment.now } as const;
  return settleDeath(withTrouble(state, dead), moment.now);
}

/** MX-U2: whoever signs in again may want the same device, which keeps its encryption. */
function oldDevice({ grant }: Issued): string {
  const id = grant.binding?.deviceId;
  return id === undefined ? "" : `; a new login may request the same device (device_id=${id})`;
}

/** The stored token is dead; the other successor has not been tried yet. */
function withSibling(state: Issued, sibling: string, text: string, moment: Moment): Issued {
  const { sibling: _, ...rest } = state;
  return dueNow({ ...rest, refreshToken: sibling }, text, moment);
}

/** Refreshed as soon as somebody gets to it, whatever happened before. */
export function dueNow(state: Issued, text: string, moment: Moment): Issued {
  const reason = "temporarily_unavailable";
  const { now } = moment;
  return withTrouble(state, { kind: "temporary", reason, text, attempts: 0, retryAt: now, since: now, doubt: false });
}

/** A dead grant is still `issued` while its access token lives (oauthapp.md 5.2), `failed` from its expiry on. */
export function settleDeath(state: Issued, now: number): Issued | Failed {
  const { trouble } = state;
  if (trouble?.kind !== "dead" || state.expiresAt === undefined || state.expiresAt > now) return state;
  return {
    status: "failed",
    grant: state.grant,
    reason: trouble.reason,
    text: trouble.text,
    ...(trouble.providerError !== undefined && { providerError: trouble.providerError }),
    failedAt: trouble.since,
    expiredAt: state.expiresAt,
    last: state,
  };
}

function temporaryTrouble(state: Issued, event: RefusedEvent, moment: Moment, doubt: boolean): Trouble {
  const { outcome, text } = event;
  // One before its time was for a reader who waits: it does not make the others wait longer.
  const attempts = Math.max(1, attemptsOf(state) + (isEarly(state, event.requestedAt ?? moment.now) ? 0 : 1));
  const ambiguous = outcome.kind === "ambiguous";
  const status = outcome.kind === "unavailable" ? outcome.status : undefined;
  const asked = outcome.kind === "refused" ? undefined : outcome.retryAfter;
  const perhapsConsumed = doubt || ambiguous || (status !== undefined && PERHAPS_CONSUMED.has(status));
  const doubtSince = doubtBegan(state) ?? event.requestedAt ?? moment.now;
  const graceEnds = doubtSince + (event.grace ?? 0) * 1000;
  const usual = ambiguous && !doubt ? QUICK_REPLAY : backoff(attempts, TEMPORARY_BACKOFF, moment.random);
  const wait = perhapsConsumed ? withinGrace(usual, graceEnds - moment.now) : usual;
  const retryAt = moment.now + Math.max(wait, asked ?? 0) * 1000;
  const tooLate = perhapsConsumed && event.grace !== undefined && retryAt > graceEnds;
  // When the token has ended there is nothing left to spare, and a reader who waits may try.
  const held = tooLate && (state.expiresAt ?? 0) > moment.now ? state.expiresAt : undefined;
  const notBefore = latest(held, asked === undefined ? undefined : moment.now + asked * 1000);
  return {
    kind: "temporary",
    reason: "temporarily_unavailable",
    text,
    attempts,
    retryAt: latest(retryAt, held) ?? retryAt,
    ...(notBefore !== undefined && { notBefore }),
    since: sinceOf(state, moment),
    doubt: perhapsConsumed,
    ...(perhapsConsumed && { doubtSince }),
  };
}

function latest(...moments: readonly (number | undefined)[]): number | undefined {
  const known = moments.filter((moment) => moment !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}

/** Half of what is left of the grace, so that there is time for one more; but never in a hurry that helps nobody. Seconds. */
function withinGrace(wait: number, leftMs: number): number {
  const half = leftMs / 2_000;
  return half < QUICK_REPLAY ? wait : Math.min(wait, half);
}

function doubtBegan({ trouble }: Issued): number | undefined {
  return trouble?.kind === "temporary" && trouble.doubt ? trouble.doubtSince : undefined;
}

/**
 * Until when a token in doubt must not be sent, where its provider has a grace of so many seconds (requirements.md section 4,
 * MX-F3): a replay after it can end the login, and the access token with it. When that has ended a replay costs nothing.
 * Undefined: it may be sent.
 */
export function heldUntil(
  state: Issued,
  { crashed, grace }: { readonly crashed: boolean; readonly grace: number },
  now: number,
): number | undefined {
  const since = doubtBegan(state);
  const isLate = crashed || since === undefined || now > since + grace * 1000;
  return isLate && state.expiresAt !== undefined && state.expiresAt > now ? state.expiresAt : undefined;
}

/** Nothing was sent. */
export function heldBack(state: Issued, until: number, moment: Moment): Issued {
  const doubtSince = doubtBegan(state);
  return withTrouble(state, {
    kind: "temporary",
    reason: "temporarily_unavailable",
    text: "the last refresh got no definite answer, and trying again could end the login",
    attempts: Math.max(1, attemptsOf(state)),
    retryAt: until,
    notBefore: until,
    since: sinceOf(state, moment),
    doubt: true,
    ...(doubtSince !== undefined && { doubtSince }),
  });
}

/** MX-U4: what no refresh helps against is looked at again so often. Milliseconds. */
const LOCKED_MS = 3_600_000;

/** Nothing was sent, and nothing is until another token may fare better (MX-U3): no loop. */
export function afterApiRefusal(state: Issued, { code, locked }: ApiRefusedEvent, { now }: Moment): Issued {
  const latest = now + LOCKED_MS;
  const retryAt = locked ? latest : Math.min(latest, state.expiresAt ?? latest);
  return withTrouble(state, {
    kind: "temporary",
    reason: "temporarily_unavailable",
    text: `the account's server refuses even a new token (${code})${locked ? ": the account is locked" : ""}`,
    attempts: 1,
    retryAt,
    notBefore: retryAt,
    since: now,
    doubt: false,
  });
}

function operatorTrouble(
  state: Issued,
  fault: { reason: OperatorReason; text: string; providerError?: string },
  moment: Moment,
  doubt: boolean,
): Trouble {
  const attempts = attemptsOf(state) + 1;
  const usual = backoff(attempts - 1, OPERATOR_BACKOFF, moment.random);
  // FC-33: the first may be a mistake of the server's.
  const wait = attempts === 1 ? whileItLasts(usual, state.expiresAt, moment.now) : usual;
  return {
    kind: "operator",
    reason: fault.reason,
    text: fault.text,
    ...(fault.providerError !== undefined && { providerError: fault.providerError }),
    attempts,
    retryAt: moment.now + wait * 1000,
    since: sinceOf(state, moment),
    doubt,
  };
}

function attemptsOf(state: Issued): number {
  return state.trouble && state.trouble.kind !== "dead" ? state.trouble.attempts : 0;
}

function sinceOf(state: Issued, moment: Moment): number {
  return state.trouble?.since ?? moment.now;
}

function withTrouble(state: Issued, trouble: Trouble): Issued {
  return { ...state, trouble };
}
