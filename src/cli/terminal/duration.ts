import { parseRfc3339 } from "../../api/time.ts";
import { systemClock } from "../../process/clock.ts";

/** Seconds as a clock shows them: 14:07, 1:02:00. */
export function clockText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [Math.floor(whole / 3_600), Math.floor(whole / 60) % 60, whole % 60];
  const shown = parts[0] === 0 ? parts.slice(1) : parts;
  return shown.map((part, index) => (index === 0 ? String(part) : String(part).padStart(2, "0"))).join(":");
}

const UNITS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
] as const;

/**
 * Seconds as one says them, to the nearest: 2 days, 3 hours, 1 minute. What has just begun is whole (an hour that lacks a second), and
 * what is between one and two is said in the next smaller unit (90 minutes). Seconds alone are rounded down (FC-73).
 */
export function spanText(seconds: number): string {
  const span = Math.max(0, Math.floor(seconds));
  const [unit, size] = UNITS.find((_, index) => reaches(span, index)) ?? ["second", 1];
  const count = Math.round(span / size);
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

/** Two of that unit, or just one: in the next smaller unit, in which it would be counted else. */
function reaches(span: number, index: number): boolean {
  const [[, size] = ["", 1], [, smaller] = ["", 1]] = UNITS.slice(index);
  const counted = Math.round(span / smaller) * smaller;
  return counted === size || counted >= 2 * size;
}

/** A time as the broker tells it, seen from now: "in 2 days", "3 hours ago"; one that is none is shown as it is. */
export function whenText(time: string): string {
  const at = parseRfc3339(time);
  return at === undefined ? time : fromNow(at, systemClock.wall());
}

/** The same of epoch milliseconds. */
export function fromNow(time: number, now: number): string {
  const seconds = (time - now) / 1_000;
  return seconds >= 0 ? `in ${spanText(seconds)}` : `${spanText(-seconds)} ago`;
}
