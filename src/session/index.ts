export { publicId, sessionId } from "./id.ts";
export { type Ends, endsOf, isOver, nextNote, START_MS, sessionDue, sessionEndsSoonAt, unheededUntil } from "./life.ts";
export {
  belongsToSession,
  credentialInUse,
  credentialName,
  credentialsOf,
  LONGEST_LABEL,
  type Renewal,
  renewalName,
  renewed,
  type Session,
  sameLogin,
  sessionOf,
  withStepUp,
} from "./session.ts";
export { type Status, statusOf } from "./status.ts";
export { readUserCode, userCode } from "./user-code.ts";
