import type { Principal } from "../../access/authenticator.ts";
import type { SessionRight } from "../../broker/sessions.ts";
import { denied } from "../answer/http-error.ts";

/**
 * What policies say of sessions (docs/access.md): `sessions` with `list`, or `sessions/ID` with `delete`, is all of them;
 * `sessions/own` those that the caller's own token began, or the one that its browser signed in with; `sessions/label/LABEL` those of a label. Throws a 403 for none.
 */
export function sessionRights(
  { acl, accessor, standsFor = accessor }: Principal,
  operation: "list" | "delete",
  all: string,
): SessionRight {
  if (acl.reaches(operation, all)) return () => true;
  const end = operation === "list" ? "/" : "";
  const hasOwn = acl.reaches(operation, `sessions/own${end}`);
  if (!hasOwn && !acl.seesBelow("sessions/label/")) throw denied();
  return ({ label, startedBy }) =>
    (hasOwn && startedBy === standsFor) || (label !== "" && acl.reaches(operation, `sessions/label/${label}${end}`));
}
