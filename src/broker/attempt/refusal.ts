import type { Reason } from "../../credential/index.ts";
import { isOperatorReason } from "../../credential/index.ts";
import type { OAuthError } from "../../protocol/outcome.ts";
import { BrokerError } from "../errors.ts";
import type { Told } from "./upstream.ts";

/**
 * What a write answers when the provider gave no tokens (oauthapp.md 5.1). A one-time value without a definite answer
 * is 400: libraries repeat 5xx by themselves and would send it twice. A request that can be repeated is 502.
 */
export function refusalOf({ outcome, text }: Told, value: "one-time" | "repeatable"): BrokerError {
  if (outcome.kind === "refused") {
    const { providerCode } = outcome.error;
    return new BrokerError("refused", text, { reason: reasonOf(outcome.error), providerError: providerCode });
  }
  if (outcome.kind === "ambiguous" && value === "one-time") {
    return new BrokerError("refused", text, { reason: "outcome_unknown" });
  }
  const retryAfter = outcome.kind === "tokens" ? undefined : outcome.retryAfter;
  return new BrokerError("repeat", text, {
    reason: "temporarily_unavailable",
    ...(retryAfter !== undefined && { retryAfter }),
  });
}

const PASSED_ON: ReadonlySet<string> = new Set(["access_denied", "expired_token", "invalid_grant", "invalid_target"]);

/** The stable reason of an OAuth error; a code the standards do not know is `rejected`. */
export function reasonOf({ code }: OAuthError): Reason {
  if (isOperatorReason(code)) return code;
  return PASSED_ON.has(code) ? (code as Reason) : "rejected";
}
