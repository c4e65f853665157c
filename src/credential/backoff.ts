/** Seconds in [base, cap]: doubles with each attempt, with full jitter between base and the doubled value. */
export function backoff(attempt: number, limits: { base: number; cap: number }, random: number): number {
  const ceiling = Math.min(limits.cap, limits.base * 2 ** Math.min(attempt, 30));
  return limits.base + (ceiling - limits.base) * random;
}

/** oauthapp.md 8.2: a provider's trouble 5 s … 15 min, an operator's fault 1 … 30 min. */
export const TEMPORARY_BACKOFF = { base: 5, cap: 900 } as const;
export const OPERATOR_BACKOFF = { base: 60, cap: 1_800 } as const;

/** CL-04: one refusal is confirmed after 30 to 60 s before it counts. */
const CONFIRM_AFTER = { base: 30, spread: 30 } as const;

/** FC-33: what may be the server's mistake is asked again while the access token lasts, but in no hurry. Seconds. */
const LEAST_WAIT = 5;

/** How long a refusal waits for its confirmation. Seconds. */
export function confirmAfter(
  expiresAt: number | undefined,
  { now, random }: { readonly now: number; readonly random: number },
): number {
  return whileItLasts(CONFIRM_AFTER.base + CONFIRM_AFTER.spread * random, expiresAt, now);
}

/** A wait, or half of what is left of the access token where that is less. Seconds. */
export function whileItLasts(wait: number, expiresAt: number | undefined, now: number): number {
  if (expiresAt === undefined) return wait;
  return Math.min(wait, Math.max(LEAST_WAIT, (expiresAt - now) / 2_000));
}
