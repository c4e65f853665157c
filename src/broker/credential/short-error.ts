import { isRenewable, type Judgement, lapsedText, type Trouble } from "../../credential/index.ts";
import { BrokerError } from "../errors.ts";

type Short = Extract<Judgement, { kind: "short" }>;

/** What a reader is told who wants `minimum` seconds of life, where nothing can change for `wait` seconds. */
export function shortError(short: Short, minimum: number, wait: number): BrokerError {
  const { credential, expired, refreshable } = short;
  const { trouble } = credential;
  if (short.unverified) return new BrokerError("wait", NO_KEY, { reason: "temporarily_unavailable", retryAfter: 5 });
  const retry = Math.max(1, Math.ceil(wait));
  if (trouble && trouble.kind !== "dead") {
    const reason = trouble.kind === "suspect" ? "temporarily_unavailable" : trouble.reason;
    // oauthapp.md 5.2: an operator's fault is told; what passes by itself is "token expired", and
    // its warning says why. FC-03: what may be the end of the grant is told in the provider's words.
    const ended = trouble.kind === "suspect" ? `${nameOf(short)} expired; ${trouble.text}` : `${nameOf(short)} expired`;
    const text = expired && trouble.kind !== "operator" ? ended : trouble.text;
    return new BrokerError("wait", text, { reason, retryAfter: retry, ...providerErrorOf(trouble) });
  }
  if (!expired && !refreshable) return tooShort(short, minimum);
  if (trouble) return new BrokerError("refused", trouble.text, { reason: trouble.reason, ...providerErrorOf(trouble) });
  const text = expired ? `${nameOf(short)} expired` : "the token cannot be refreshed now";
  const again = { reason: "temporarily_unavailable", retryAfter: retry } as const;
  return (expired ? endedFor(short) : undefined) ?? new BrokerError("wait", text, again);
}

const NO_KEY = "the id_token cannot be given out yet: the key that signed it could not be looked up at the provider";

function nameOf({ idToken }: Short): string {
  return idToken ? "id_token" : "token";
}

function tooShort(short: Short, minimum: number): BrokerError {
  const { credential, remaining, idToken } = short;
  const { trouble } = credential;
  const { expiresAt } = idToken ?? credential;
  const text = `${nameOf(short)} is valid for ${remaining} s, less than the ${minimum} s asked for`;
  // Who lowers the minimum gets it, but there will be no other: better known now than when it has ended.
  return new BrokerError("refused", trouble ? `${text}; token will expire: ${trouble.text}` : text, {
    reason: "token_too_short",
    ...(expiresAt !== undefined && { expiresAt }),
    ...(trouble && providerErrorOf(trouble)),
  });
}

/** Nothing that the broker does brings another one. */
function endedFor({ credential, idToken, refreshable }: Short): BrokerError | undefined {
  if (idToken && !refreshable) {
    const text = "the id_token has expired, and the provider issues another one only after a new login";
    return new BrokerError("refused", text, { reason: "id_token_expired" });
  }
  if (refreshable || idToken || isRenewable(credential)) return undefined;
  return new BrokerError("refused", lapsedText(credential), { reason: "token_expired" });
}

function providerErrorOf(trouble: Trouble): { providerError?: string } {
  const { providerError } = { providerError: undefined, ...trouble };
  return providerError === undefined ? {} : { providerError };
}
