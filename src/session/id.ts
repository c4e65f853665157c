/** A session id: recognisable to a scanner of leaked secrets, then 256 random bits in base64url. */
const SESSION_ID = /^ccs_[A-Za-z0-9_-]{43}$/;

export function sessionId(random: string): string {
  return `ccs_${random}`;
}

export function isSessionId(text: string): boolean {
  return SESSION_ID.test(text);
}

/** What names a session to operators; no secret. */
export function publicId(random: string): string {
  return `ses_${random}`;
}
