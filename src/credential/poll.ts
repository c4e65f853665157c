import type { Credential, DevicePending, Failed } from "./credential.ts";
import type { Moment, RefusedEvent } from "./event.ts";
import type { PermanentReason } from "./reason.ts";

/** RFC 8628 3.5: the default and the step of the interval, seconds. */
export const DEFAULT_INTERVAL = 5;
const SLOW_DOWN_STEP = 5;

/** DEV-18: connection trouble backs off to a minute, or to the interval where that is longer. */
const LONGEST_WAIT = 60;

/** What a poll without tokens makes of a pending device flow (oauthapp.md 8.1). */
export function afterPoll(state: DevicePending, event: RefusedEvent, moment: Moment): Credential {
  const doubt = state.answerLost || event.doubt;
  if (event.outcome.kind !== "refused") return withoutAnswer(state, event, moment, doubt);
  const { error } = event.outcome;
  switch (error.code) {
    case "authorization_pending":
      return nextPoll({ ...state, answerLost: doubt }, state.interval, moment);
    case "slow_down":
      // RFC 8628 3.5: the interval MUST be increased by 5 seconds for this and all subsequent requests.
      return nextPoll(
        { ...state, answerLost: doubt },
        Math.max(state.interval + SLOW_DOWN_STEP, error.interval ?? 0),
        moment,
      );
    case "invalid_client":
    case "unauthorized_client":
      return {
        ...nextPoll({ ...state, answerLost: doubt }, state.interval, moment),
        suspended: { reason: error.code, text: event.text, providerError: error.providerCode },
      };
    default:
      return failed(state, event, moment, endReason(error.code, doubt), error.providerCode);
  }
}

function endReason(code: string, doubt: boolean): PermanentReason {
  if (code === "access_denied" || code === "expired_token") return code;
  // DEV-22: the lost answer may have carried the tokens, so this is not the person's refusal.
  if (code === "invalid_grant") return doubt ? "outcome_unknown" : "invalid_grant";
  return "rejected";
}

function nextPoll(state: DevicePending, interval: number, moment: Moment): DevicePending {
  return { ...state, interval, unanswered: 0, notBefore: moment.now + interval * 1000 };
}

/** A poll that may have been sent counts as sent: the next one is an interval away. */
export function afterInterruption(state: DevicePending, moment: Moment): DevicePending {
  return { ...state, answerLost: true, notBefore: moment.now + state.interval * 1000 };
}

function withoutAnswer(state: DevicePending, event: RefusedEvent, moment: Moment, doubt: boolean): DevicePending {
  const { outcome } = event;
  const asked = outcome.kind === "refused" ? 0 : (outcome.retryAfter ?? 0);
  if (event.slowDown) {
    const next = nextPoll({ ...state, answerLost: doubt }, state.interval + SLOW_DOWN_STEP, moment);
    return { ...next, notBefore: Math.max(next.notBefore, moment.now + asked * 1000) };
  }
  const attempts = state.unanswered + 1;
  const doubled = Math.min(state.interval * 2 ** Math.min(attempts, 30), Math.max(LONGEST_WAIT, state.interval));
  // Jitter only upwards: a poll may be late, never early.
  const wait = Math.max(doubled * (1 + 0.1 * moment.random), asked);
  return {
    ...state,
    unanswered: attempts,
    answerLost: doubt || outcome.kind === "ambiguous",
    notBefore: moment.now + Math.ceil(wait * 1000),
  };
}

function failed(
  state: DevicePending,
  event: RefusedEvent,
  moment: Moment,
  reason: PermanentReason,
  providerError: string,
): Failed {
  return {
    status: "failed",
    grant: state.grant,
    reason,
    text: event.text,
    providerError,
    failedAt: moment.now,
    ...(state.replaces && { replaces: state.replaces }),
  };
}
