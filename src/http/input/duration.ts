import { parseDecimal } from "./go-numbers.ts";

const NANOSECONDS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  "\u00b5s": 1_000n,
  "\u03bcs": 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
const DURATION = /^([+-]?)((?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:ns|us|\u00b5s|\u03bcs|ms|s|m|h))+)$/;
const PART = /([0-9]*)\.?([0-9]*)(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/g;

/** Go's time.Duration holds 2^63 - 1 ns: about 292 years. */
const LONGEST_SECONDS = 9_223_372_036;
/** More digits than the longest duration has nanoseconds are noise, and BigInt arithmetic on a megabyte of them is slow. */
const LONGEST_TEXT = 64;

/**
 * Whole seconds of `30`, `30s`, `1h30m`, `1.5h`, `7d`; truncated towards zero, may be negative.
 * Undefined for anything else, `1.5` without a unit included.
 */
export function parseDurationSeconds(text: string): number | undefined {
  if (text.length > LONGEST_TEXT) return undefined;
  const seconds = wholeSeconds(text);
  return seconds === undefined || Math.abs(seconds) > LONGEST_SECONDS ? undefined : seconds;
}

function wholeSeconds(text: string): number | undefined {
  if (text === "") return 0;
  const days = /^([+-]?[0-9]+)d$/.exec(text)?.[1];
  if (days !== undefined) {
    const count = parseDecimal(days);
    return count === undefined ? undefined : count * 86_400;
  }
  return parseDecimal(text) ?? goDuration(text);
}

function goDuration(text: string): number | undefined {
  const [, sign, parts] = DURATION.exec(text) ?? [];
  if (parts === undefined) return undefined;
  let total = 0n;
  for (const [, whole = "", fraction = "", unit = ""] of parts.matchAll(PART)) {
    const scale = NANOSECONDS[unit] ?? 0n;
    total += BigInt(whole || "0") * scale + (BigInt(fraction || "0") * scale) / 10n ** BigInt(fraction.length);
  }
  const seconds = Number(total / 1_000_000_000n);
  return sign === "-" && seconds !== 0 ? -seconds : seconds;
}
