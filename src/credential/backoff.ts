/** Seconds in [base, cap]: doubles with each attempt, with full jitter between base and the doubled value. */
export function backoff(attempt: number, limits: { base: number; cap: number }, random: number): number {
  const ceiling = Math.min(limits.cap, limits.base * 2 ** Math.min(attempt, 30));
  return limits.base + (ceiling - limits.base) * random;
}

/** oauthapp.md 8.2: a provider's trouble 5 s … 15 min, an operator's fault 1 … 30 min. */
export const TEMPORARY_BACKOFF = { base: 5, cap: 900 } as const;
export const OPERATOR_BACKOFF = { base: 60, cap: 1_800 } as const;
