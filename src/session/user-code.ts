/** RFC 8628 6.1: letters without vowels, so that no word comes out; 20^8 codes are 34 bits. */
const LETTERS = "BCDFGHJKLMNPQRSTVWXZ";
const LENGTH = 8;

/** A code from random numbers in [0, bound), as a person sees it: `WDJB-MJHT`. */
export function userCode(randomBelow: (bound: number) => number): string {
  const letters = Array.from({ length: LENGTH }, () => LETTERS[randomBelow(LETTERS.length)]).join("");
  return `${letters.slice(0, 4)}-${letters.slice(4)}`;
}

/** What was typed, as `userCode` writes it: case, spaces and dashes do not count. Undefined when it can be no code. */
export function readUserCode(typed: string): string | undefined {
  if (typed.length > 64) return undefined;
  const letters = typed.toUpperCase().replaceAll(/[^A-Z0-9]/g, "");
  const known = letters.length === LENGTH && [...letters].every((letter) => LETTERS.includes(letter));
  return known ? `${letters.slice(0, 4)}-${letters.slice(4)}` : undefined;
}
