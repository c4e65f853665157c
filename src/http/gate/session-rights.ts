import type { Principal } from "../../access/authenticator.ts";
import type { SessionRight } from "../../broker/sessions.ts";
import { denied } from "../answer/http-error.ts";

/**
 * What policies say of sessions (docs/access.md): `sessions` with `list`, or `sessions/ID` with `delete`, is all of them;
 * `sessions/own` those that the caller's own token began, or the one that its browser signed in with; `sessions/mine` those of the
 * account that the caller has signed in as; `sessions/label/LABEL` those of a label. Undefined for none.
 */
function rightBy(principal: Principal, operation: "list" | "delete", all: string): SessionRight | undefined {
  const { acl } = principal;
  if (acl.reaches(operation, all)) return () => true;
  const end = operation === "list" ? "/" : "";
  const { hasBegun, isOf } = whoseOf(principal);
  const hasOwn = acl.reaches(operation, `sessions/own${end}`);
  const hasMine = principal.token?.entity?.account !== undefined && acl.reaches(operation, `sessions/mine${end}`);
  if (!hasOwn && !hasMine && !acl.seesBelow("sessions/label/")) return undefined;
  return (session, account) =>
    (hasOwn && hasBegun(session, account)) ||
    (hasMine && isOf(session, account)) ||
    (session.label !== "" && acl.reaches(operation, `sessions/label/${session.label}${end}`));
}

/** Whether a policy says something of sessions beyond the caller's own and its account's. */
export function seesOthers({ acl }: Pick<Principal, "acl">): boolean {
  return seesAll({ acl }) || acl.seesBelow("sessions/label/");
}

export function seesAll({ acl }: Pick<Principal, "acl">): boolean {
  return acl.reaches("list", "sessions/");
}

/** Which sessions the caller may see. Throws a 403 for none. */
export function maySeeSessions(principal: Principal): SessionRight {
  return orDenied(rightBy(principal, "list", "sessions/"));
}

/** Whether the caller may end the one of this id. Throws a 403 for who may end none. */
export function mayEndSession(principal: Principal, id: string): SessionRight {
  return orDenied(rightBy(principal, "delete", `sessions/${id}`));
}

/** What of sessions is told to the caller alone. */
export interface SessionsFor {
  readonly isYours: SessionRight;
  /** What `DELETE /sessions/ID` would say. */
  readonly mayEnd: (id: string) => SessionRight;
}

export function sessionsFor(principal: Principal): SessionsFor {
  return {
    isYours: isWhose(principal),
    mayEnd: (id) => rightBy(principal, "delete", `sessions/${id}`) ?? (() => false),
  };
}

function orDenied(right: SessionRight | undefined): SessionRight {
  if (!right) throw denied();
  return right;
}

/** Whose a session is, whatever a policy says of it. */
function isWhose(principal: Principal): SessionRight {
  const { hasBegun, isOf } = whoseOf(principal);
  return (session, account) => hasBegun(session, account) || isOf(session, account);
}

function whoseOf({ accessor, standsFor = accessor, token }: Principal): {
  readonly hasBegun: SessionRight;
  readonly isOf: SessionRight;
} {
  const person = token?.entity?.account;
  return {
    hasBegun: ({ startedBy }) => startedBy === standsFor,
    isOf: (_session, account) =>
      person !== undefined && account?.issuer === person.issuer && account.subject === person.subject,
  };
}
