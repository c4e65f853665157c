/** 9999-12-31T23:59:59Z: RFC 3339 has four digits for the year. */
const LAST = 253_402_300_799_000;

/** RFC 3339 in UTC without a fraction, rounded down: never later than what is meant. */
export function rfc3339(milliseconds: number): string {
  const seconds = Math.floor(Math.min(milliseconds, LAST) / 1000);
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}
