import { usage } from "./fail.ts";

/** The value of an option that counts seconds; `undefined` where it is not given. Throws usage, with what is wrong. */
export function secondsOf(
  option: string,
  text: string | undefined,
  { least = 1, most = 999_999_999 } = {},
): number | undefined {
  if (text === undefined) return undefined;
  const seconds = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (seconds >= least && seconds <= most) return seconds;
  throw usage(`${option} "${text}" is not a number of seconds`);
}
