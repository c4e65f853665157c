import type { Arrival, Described } from "./arrival.ts";

/**
 * XD-08: a login that was asked for in one account's name is of use in that name only. Whose it is must be known then:
 * what cannot be told is refused too. A refresh has its own rule: the subject stays.
 */
export function requireExpected(described: Described, { session, previous }: Arrival): Described {
  const expected = session?.expectedAccount;
  if (expected === undefined || previous || described.kind !== "issue") return described;
  const { identity } = described.issue;
  if (identity && [identity.subject, ...(described.names ?? [])].includes(expected)) return described;
  const text = identity
    ? `the login is of ${identity.name ?? identity.subject}, not of ${expected}`
    : `it cannot be told whose the login is, and it was to be of ${expected}`;
  return { kind: "identity-refused", reason: "account_mismatch", text };
}

/**
 * What stands for an account beside its subject. People choose their `name` themselves, and an address that nobody verified
 * may be anybody's.
 */
export function namesOf(claims: Readonly<Record<string, unknown>>): readonly string[] {
  const { preferred_username: username, email, email_verified: verified } = claims;
  return [username, verified === true ? email : undefined].filter((name) => typeof name === "string");
}
