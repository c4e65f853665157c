import { parseRfc3339 } from "../../api/time.ts";

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
  const span = Math.max(0, Math.round(seconds));
  const [unit, size] = UNITS.find(([, least]) => span >= least) ?? ["second", 1];
  const count = Math.floor(span / size);
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

/** A time seen from now: "in 2 days", "3 hours ago". Milliseconds. */
export function fromNow(time: number, now: number): string {
  const seconds = (time - now) / 1_000;
  return seconds >= 0 ? `in ${spanText(seconds)}` : `${spanText(-seconds)} ago`;
}

/** The same of a time as the broker tells it; one that is none is shown as it is. */
export function timeFromNow(text: string, now: number): string {
  const time = parseRfc3339(text);
  return time === undefined ? text : fromNow(time, now);
}
