export type * from "./credential.ts";
export { broughtFlow, deviceFlow } from "./device-flow.ts";
export type { Event, Issue, RefusedEvent } from "./event.ts";
export type * from "./grant.ts";
export { asksForNothing } from "./grant.ts";
export {
  type AttemptKind,
  type AttemptOutcome,
  attemptOf,
  type HistoryEntry,
  withEntry,
} from "./history.ts";
export { issue } from "./issue.ts";
export {
  isRenewable,
  isShort,
  type Judgement,
  judge,
  lapsedText,
  leastLife,
  remainingSeconds,
  secondsLeft,
} from "./judge.ts";
export { judgeIdToken } from "./judge-id-token.ts";
export { accountOf, reasonOf } from "./known.ts";
export { isLookedAt, lookedAt } from "./looked-at.ts";
export { DEFAULT_INTERVAL } from "./poll.ts";
export {
  type IdentityReason,
  isOperatorReason,
  type OperatorReason,
  type PermanentReason,
  type Reason,
} from "./reason.ts";
export { earliestTry, heldUntil, inDoubt, isEarly, settleDeath } from "./refresh.ts";
export { inPlaceOf, loginsIn, replacedLogin } from "./replaced.ts";
export { type Plan, plan, reapReason } from "./schedule.ts";
export {
  DEFAULT_SETTINGS,
  NO_LIVES,
  operationTimeout,
  refreshWindow,
  type Settings,
  type TokenLives,
} from "./settings.ts";
export { endsSoon, endsSoonAt } from "./token-life.ts";
export { transition } from "./transitions.ts";
export type * from "./trouble.ts";
