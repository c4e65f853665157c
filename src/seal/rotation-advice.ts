import type { Keys } from "./port.ts";

/** How an operator rotates keys that the broker cannot change: given by a variable, or shared with other instances. */
export function rotationAdvice(fixed: NonNullable<Keys["fixed"]>, origin: string): string {
  const make = "A key is 32 random bytes as base64url: openssl rand -base64 32 | tr +/ -_";
  const anew =
    "each start reseals automatically what is under the old key, and `coatcheck keys status` shows when that is done; then `coatcheck keys rotate --mount NAME` exchanges the data key of each mount";
  if (fixed === "given") {
    return `the keys are in ${origin}, which the broker cannot change. Rotate by hand: put a new key in front of the present one, separated by a comma, and restart; ${anew}. ${make}`;
  }
  return [
    "other instances may share the database, and the broker cannot change their keys. Rotate by hand:",
    `(1) add a new key after the others in ${origin} of every instance, and restart the instances one by one, so that all of them can open what it seals;`,
    `(2) move the new key to the front on every instance, and restart them one by one; ${anew};`,
    "(3) forget the old key: `coatcheck keys forget ID` says how.",
    make,
  ].join(" ");
}

/** How an operator takes away a key that seals nothing any more. */
export function removalAdvice(fixed: NonNullable<Keys["fixed"]>, origin: string): string {
  return fixed === "given"
    ? `Remove it from ${origin} and restart: the start checks once more`
    : `Remove it from ${origin} of every instance and restart them: each start checks once more`;
}
