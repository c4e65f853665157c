/** 9999-12-31T23:59:59Z: RFC 3339 has four digits for the year. */
const LAST = 253_402_300_799_000;

/** RFC 3339 in UTC without a fraction, of epoch milliseconds; rounded down: never later than what is meant. */
export function rfc3339(milliseconds: number): string {
  const seconds = Math.floor(Math.min(milliseconds, LAST) / 1000);
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}

const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/** Epoch milliseconds of a time as RFC 3339 5.6 writes it, in letters of either case; undefined for anything else. */
export function parseRfc3339(text: string): number | undefined {
  const upper = text.toUpperCase();
  const time = DATE_TIME.test(upper) ? Date.parse(upper) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}
