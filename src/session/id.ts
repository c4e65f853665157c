/** A session id: recognisable to a scanner of leaked secrets, then 256 random bits in base64url. */
export function sessionId(random: string): string {
  return `ccs_${random}`;
}

/** What names a session to operators; no secret. */
export function publicId(random: string): string {
  return `ses_${random}`;
}
