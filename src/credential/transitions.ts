import type { CodePending, Credential, DevicePending, Failed, Issued } from "./credential.ts";
import type { Event, Moment, RefusedEvent } from "./event.ts";
import { issue } from "./issue.ts";
import { afterInterruption, afterPoll } from "./poll.ts";
import type { PermanentReason } from "./reason.ts";
import {
  afterApiRefusal,
  afterRefresh,
  dueNow,
  earliestTry,
  heldBack,
  settleDeath,
  withServerTrouble,
} from "./refresh.ts";
import { inPlaceOf } from "./replaced.ts";

/**
 * The next state, or undefined where the event cannot happen to that state: then nothing is to be stored.
 * Pure: the same state, event and moment always give the same answer.
 */
export function transition(state: Credential, event: Event, moment: Moment): Credential | undefined {
  switch (state.status) {
    case "pending":
      return state.flow === "device" ? fromDevice(state, event, moment) : fromCode(state, event, moment);
    case "issued":
      return fromIssued(state, event, moment);
    case "failed":
      return fromFailed(state, event, moment);
    default:
      return state satisfies never;
  }
}

function fromDevice(state: DevicePending, event: Event, moment: Moment): Credential | undefined {
  switch (event.type) {
    case "issued":
    case "late":
      return inPlaceOf(state.replaces, issue(state.grant, event.issue, moment));
    case "refused":
      return afterPoll(withMetadata(state, event), event, moment);
    case "identity-refused":
      return failed(state, event.reason, event.text, moment);
    case "server-unusable":
      return {
        ...state,
        answerLost: state.answerLost || event.doubt,
        suspended: { reason: event.reason, text: event.text },
      };
    case "interrupted":
      return afterInterruption(state, moment);
    case "server-written":
      return resumed(state, moment);
    case "server-back":
      return soon(state, moment);
    case "lapsed":
      return failed(
        state,
        "expired_token",
        [EXPIRED, ...(state.expiryHint ? [state.expiryHint] : [])].join("; "),
        moment,
      );
    default:
      return undefined;
  }
}

const EXPIRED = "device code exchange failed: the device code expired before it was approved";

function fromCode(state: CodePending, event: Event, moment: Moment): Credential | undefined {
  switch (event.type) {
    case "issued":
      return inPlaceOf(state.replaces, issue(state.grant, event.issue, moment));
    case "declined":
      return failed(state, declinedReason(event.error.code), event.text, moment, event.error.providerCode);
    case "refused":
      return afterExchange(state, event, moment);
    case "identity-refused":
      return failed(state, event.reason, event.text, moment);
    case "lapsed":
      return failed(state, "expired_token", "the authorization link expired before it was used", moment);
    default:
      return undefined;
  }
}

/** A code is sent once: whatever was refused, the person must follow a new link. */
function afterExchange(state: CodePending, { outcome, text }: RefusedEvent, moment: Moment): Failed {
  if (outcome.kind !== "refused") return failed(state, "outcome_unknown", text, moment);
  const { code, providerCode } = outcome.error;
  return failed(state, code === "invalid_grant" ? "invalid_grant" : "rejected", text, moment, providerCode);
}

function fromIssued(state: Issued, event: Event, moment: Moment): Credential | undefined {
  switch (event.type) {
    case "issued":
      return issue(state.grant, event.issue, moment, state);
    case "refused":
      return afterRefresh(withMetadata(state, event), event, moment);
    case "held":
      return state.trouble?.kind === "dead" ? undefined : heldBack(state, event.until, moment);
    case "id-token-judged":
      return state.unverifiedIdToken && withIdTokenJudged(state, event);
    case "subject-changed":
      return failed(state, "subject_changed", event.text, moment);
    case "server-unusable":
      return withServerTrouble(state, event, moment);
    case "server-written":
      return withoutServerTrouble(state);
    case "server-back":
      return withoutBackoff(state, moment);
    case "late":
      return withLateTokens(state, event, moment);
    case "api-refused":
      return state.trouble ? undefined : afterApiRefusal(state, event, moment);
    case "issuer-left":
      return afterIssuerLeft(state, event.text, moment);
    case "retry":
      return state.trouble?.kind === "dead" ? dueNow(state, RETRIED, moment) : undefined;
    default:
      return undefined;
  }
}

/** Nothing is sent to that server any more; the token beside it is for whoever still takes it, until its end. */
function afterIssuerLeft(state: Issued, text: string, { now }: Moment): Issued | Failed | undefined {
  if (state.trouble?.kind === "dead") return undefined;
  return settleDeath({ ...state, trouble: { kind: "dead", reason: "invalid_grant", text, since: now } }, now);
}

function withIdTokenJudged(state: Issued, event: Event & { type: "id-token-judged" }): Issued {
  const { unverifiedIdToken: _, ...rest } = state;
  const { notices, idToken = state.idToken, extraData = state.extraData } = event;
  const identity = event.identity ? { ...state.identity, ...event.identity } : state.identity;
  return { ...rest, notices, extraData, ...(idToken && { idToken }), ...(identity && { identity }) };
}

/** The next request goes to where the endpoints are now. */
function withMetadata<T extends Credential>(state: T, { metadata }: RefusedEvent): T {
  const { grant } = state;
  if (!metadata || !grant.binding) return state;
  return { ...state, grant: { ...grant, binding: { ...grant.binding, metadata } } };
}

/** Nothing a flow or a grant brought is thrown away because it came late, and a verdict can be put to the test again. */
function fromFailed(state: Failed, event: Event, moment: Moment): Credential | undefined {
  if (event.type === "late") return inPlaceOf(state.replaces, issue(state.grant, event.issue, moment));
  if (event.type === "retry" && state.last) return dueNow(state.last, RETRIED, moment);
  return undefined;
}

const RETRIED = "the grant had failed and is being retried";

/** Beside a dead token the late one is the only hope; beside a living one it is kept until that has proved to work. */
function withLateTokens(state: Issued, event: Event & { type: "late" }, moment: Moment): Issued | undefined {
  if (state.trouble?.kind === "dead") return issue(state.grant, event.issue, moment, state);
  const { refreshToken } = event.issue.tokens;
  if (refreshToken === undefined || refreshToken === state.refreshToken) return undefined;
  return { ...state, sibling: refreshToken };
}

/** A suspended flow goes on at once; its back-off was the operator's fault too. */
function resumed(state: DevicePending, moment: Moment): DevicePending {
  const { suspended, ...rest } = state;
  return suspended ? { ...rest, unanswered: 0, notBefore: Math.max(moment.now, state.notBefore) } : state;
}

/** RFC 8628 3.5: the last poll may have come just now. */
function soon(state: DevicePending, { now }: Moment): DevicePending | undefined {
  const notBefore = now + state.interval * 1000;
  if (state.suspended || state.unanswered === 0 || state.notBefore <= notBefore) return undefined;
  return { ...state, unanswered: 0, notBefore };
}

/** A doubt stays, and so does what was not waited for because of an outage. */
function withoutBackoff(state: Issued, { now }: Moment): Issued | undefined {
  const { trouble } = state;
  if (trouble?.kind !== "temporary" || trouble.retryAt <= now || earliestTry(state) > now) return undefined;
  return { ...state, trouble: { ...trouble, retryAt: now } };
}

/** Death and an unconfirmed death are the provider's verdicts on the grant; a new server record does not lift them. */
function withoutServerTrouble(state: Issued): Issued {
  const trouble = state.trouble;
  if (!trouble || trouble.kind === "dead" || trouble.kind === "suspect") return state;
  const { trouble: _, ...rest } = state;
  // The doubt is about the token, not about the server: without it a dead answer would get the wrong reason.
  return trouble.doubt
    ? { ...rest, trouble: { ...trouble, kind: "temporary", ...WAITING, retryAt: trouble.since } }
    : rest;
}

const WAITING = { reason: "temporarily_unavailable" } as const;

function declinedReason(code: string): PermanentReason {
  return code === "access_denied" ? "access_denied" : "rejected";
}

function failed(
  state: Credential,
  reason: PermanentReason,
  text: string,
  moment: Moment,
  providerError?: string,
): Failed {
  return {
    status: "failed",
    grant: state.grant,
    reason,
    text,
    failedAt: moment.now,
    ...(providerError !== undefined && { providerError }),
    ...(state.status === "issued" && state.expiresAt !== undefined && { expiredAt: state.expiresAt }),
    ...(state.status === "pending" && state.replaces && { replaces: state.replaces }),
  };
}
