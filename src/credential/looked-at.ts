import type { Issued } from "./credential.ts";

/** Stands for a refresh token that is there. It can be nobody's: RFC 6749 A.17 allows no line feed in one. */
const STAND_IN = "-\n";

/** What of a login suffices to see whether it lasts and to read its access token: nothing that brings another token. */
export function lookedAt(state: Issued): Issued {
  const { refreshToken, sibling: _sibling, idToken: _idToken, unverifiedIdToken: _unverified, ...rest } = state;
  return { ...rest, ...(refreshToken !== undefined && { refreshToken: STAND_IN }) };
}

/** To be asked before a login is stored: the real refresh token would be lost. */
export function isLookedAt({ refreshToken }: Issued): boolean {
  return refreshToken === STAND_IN;
}
