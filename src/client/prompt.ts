import { USUAL_INTERVAL_S } from "./ready.ts";
import type { PromptData } from "./wire.ts";

/** What a person needs: show the code and the address, both, always. */
export interface Prompt {
  /** Empty where the address alone is enough: a login by a person's own broker that comes back to `redirectUri`. */
  readonly userCode: string;
  readonly verificationUri: string;
  /** Where the browser comes back to, on the broker's machine; on another one its person pastes that address (`Session.handIn`). */
  readonly redirectUri?: string;
  /** With the code in it, where the provider offers that: for a QR code. */
  readonly verificationUriComplete?: string;
  /** The page is not on one of the provider's hosts: show this warning and do not open the page automatically. */
  readonly warning?: string;
  /** Seconds. */
  readonly expiresIn: number;
  /** Seconds between the broker's looks at the provider: so long an approval may take to be seen. */
  readonly interval: number;
}

/** What to show of a login that is pending already: of `session.status()` after a `resume`. */
export function promptOf(pending: PromptData): Prompt {
  const {
    user_code = "",
    verification_uri = "",
    verification_uri_complete,
    verification_warning,
    redirect_uri,
  } = pending;
  return {
    userCode: user_code,
    verificationUri: verification_uri,
    expiresIn: pending.expires_in ?? 0,
    interval: pending.interval ?? USUAL_INTERVAL_S,
    ...(verification_uri_complete !== undefined && { verificationUriComplete: verification_uri_complete }),
    ...(redirect_uri !== undefined && { redirectUri: redirect_uri }),
    ...(verification_warning !== undefined && { warning: verification_warning }),
  };
}
