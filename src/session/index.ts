export { publicId, sessionId } from "./id.ts";
export { type Ends, endsOf, isOver, START_MS, sessionDue, worthNoting } from "./life.ts";
export { belongsToSession, credentialName, LONGEST_LABEL, type Session, sameLogin, sessionOf } from "./session.ts";
export { type Status, statusOf } from "./status.ts";
export { readUserCode, userCode } from "./user-code.ts";
