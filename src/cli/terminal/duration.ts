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

/** Seconds as one says them: 2 days, 3 hours, 1 minute. */
export function spanText(seconds: number): string {
  const span = Math.max(0, Math.floor(seconds));
  const [unit, size] = UNITS.find(([, least]) => span >= least) ?? ["second", 1];
  const count = Math.floor(span / size);
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
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
