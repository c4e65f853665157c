/** A text of somebody else's for a terminal: it must not move the cursor or change what is above it. */
export function visible(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "");
}
