import type { Credential, Issued } from "./credential.ts";

/** Of the login whose place another takes: the one that could be refreshed, if there was one (FC-08). */
export function replacedLogin(state: Credential | undefined): Issued | undefined {
  if (state?.status === "pending" || (state?.status === "failed" && state.replaces)) return state.replaces;
  const isGood = state?.status === "issued" && state.refreshToken !== undefined && state.trouble?.kind !== "dead";
  return isGood ? state : undefined;
}

/** A credential, and the login within it: whose place it takes or was to take, or its own last one. */
export function loginsIn(state: Credential | undefined): readonly Credential[] {
  if (!state) return [];
  const other =
    state.status === "issued" ? undefined : state.status === "failed" ? (state.last ?? state.replaces) : state.replaces;
  return other ? [state, other] : [state];
}

const NONE = "the provider issued no refresh token for the new login";
const ADVICE = "to get one, ask for offline access (Google: access_type=offline and prompt=consent)";

/**
 * What a new login becomes that cannot be refreshed, in the place of one that can (Google's second consent): the same
 * account's older refresh token stays good, and is kept where it grants no less; else the older login stays. Of another
 * account, or of one that nobody knows, the new login counts, and says what was lost.
 */
export function inPlaceOf(older: Issued | undefined, made: Issued): Issued {
  const isWorse = made.refreshToken === undefined && made.expiresAt !== undefined;
  if (!older || !isWorse || older.grant.server !== made.grant.server) return made;
  const isSame = sameAccount(older, made);
  if (isSame === false) return made;
  if (isSame === undefined) {
    return withNotice(made, `${NONE}, and the one before it had one: this one ends with its access token; ${ADVICE}`);
  }
  // A refresh token is bound to its client (RFC 6749 6): with another one it is of no use.
  const isOtherClient = older.grant.client && made.grant.client?.clientId !== older.grant.client.clientId;
  const isNarrower = !isOtherClient && made.scopes.every((scope) => older.scopes.includes(scope));
  if (!isNarrower) return withNotice(older, `${NONE}, so the login before it stays; ${ADVICE}`);
  const { refreshToken, refreshEnd, refreshedAs, secret } = older;
  return {
    ...withNotice(made, `${NONE}: the one of the login before it is kept`),
    ...(refreshToken !== undefined && { refreshToken }),
    ...(refreshEnd && { refreshEnd }),
    ...(refreshedAs !== undefined && { refreshedAs }),
    ...(secret !== undefined && { secret }),
  };
}

/** Undefined where nobody says whose logins they are. */
function sameAccount({ identity: a }: Issued, { identity: b }: Issued): boolean | undefined {
  return a && b ? a.issuer === b.issuer && a.subject === b.subject : undefined;
}

function withNotice(state: Issued, notice: string): Issued {
  return { ...state, notices: [...new Set([...state.notices, notice])] };
}
