import type { Settings } from "../settings.ts";

export { DEFAULT_SETTINGS, type Settings } from "../settings.ts";

/** What somebody who knows a server says of the lives of its access tokens. Seconds; 0 = nothing. */
export interface TokenLives {
  /** Where the server says none. */
  readonly assumed: number;
  /** None counts longer. */
  readonly longest: number;
}

export const NO_LIVES: TokenLives = { assumed: 0, longest: 0 };

/** W of oauthapp.md 8.2: how long before its expiry a token is refreshed. Seconds. */
export function refreshWindow(settings: Settings): number {
  return Math.max(10, settings.refreshCheckIntervalSeconds * settings.refreshExpiryDeltaFactor);
}

/**
 * T of oauthapp.md 8.3: the time one upstream operation may take, all of its requests together. Seconds.
 * `remaining` is the life left of the token at stake, `wanted` the life somebody needs (W, or a read's minimum).
 */
export function operationTimeout(settings: Settings, remaining: number | undefined, wanted: number): number {
  const longest = 120;
  const timeout = settings.providerTimeoutSeconds === 0 ? longest : settings.providerTimeoutSeconds;
  const leeway = settings.providerTimeoutExpiryLeewayFactor;
  return Math.min(longest, timeout * urgency(leeway, remaining, wanted));
}

function urgency(leeway: number, remaining: number | undefined, wanted: number): number {
  if (remaining === undefined || remaining >= wanted || leeway === 1) return 1;
  if (remaining <= 0) return leeway;
  const k = 10 ** (1 - leeway);
  const f = (wanted * k) / (1 - k);
  return 1 - Math.log10((f + remaining) / (wanted + f));
}
