import type { HttpResponse } from "./http-response.ts";

/** requirements.md section 3. Seconds. */
const SHORTEST = 1;
const LONGEST = 3_600;

/**
 * `Retry-After` in seconds, clamped to 1 s … 1 h (RFC 9110 10.2.3). A date counts from the answer's own `Date`, so that
 * neither clock need be right; without one it is ignored.
 */
export function retryAfterSeconds(response: HttpResponse): number | undefined {
  const value = response.headers["retry-after"]?.trim();
  if (value === undefined || value === "") return undefined;
  const seconds = /^\d{1,10}$/.test(value) ? Number(value) : untilDate(value, response.headers.date);
  return seconds === undefined ? undefined : Math.min(Math.max(Math.ceil(seconds), SHORTEST), LONGEST);
}

function untilDate(value: string, now: string | undefined): number | undefined {
  // Only a real HTTP date: Date.parse also takes "-5" and other things nobody meant as one.
  if (now === undefined || !value.endsWith("GMT")) return undefined;
  const seconds = (Date.parse(value) - Date.parse(now)) / 1000;
  return Number.isNaN(seconds) ? undefined : seconds;
}
