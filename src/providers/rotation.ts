import type { OptionRule, Rotation } from "./provider.ts";

/** Longer than any provider's; a number beyond it is a mistake. Seconds. */
const LONGEST_GRACE = 180 * 86_400;

const GRACE = /^grace:([1-9]\d{0,7})$/;

/** How a server's operator states the rotation profile of a provider that is only an address (requirements.md section 4). */
export const ROTATION = {
  kind: "rotation",
  default: "strict",
  invalid: 'expected one of "none", "reusable", "until-successor-used", "strict" or "grace:SECONDS"',
} as const satisfies OptionRule;

/** The profile that an option's value names; undefined when it names none. */
export function parseRotation(text: string): Rotation | undefined {
  switch (text) {
    case "none":
    case "reusable":
    case "until-successor-used":
    case "strict":
      return { kind: text };
    default: {
      const seconds = Number(GRACE.exec(text)?.[1]);
      return seconds <= LONGEST_GRACE ? { kind: "grace", seconds } : undefined;
    }
  }
}
