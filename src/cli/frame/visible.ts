/** What drives a terminal, hides in a line or turns its direction: controls, formats, what Unicode calls ignorable, half characters. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;

/** A text as one line of a terminal, on which it has no power: whatever nobody would see is shown as JavaScript writes it. */
export function visible(text: string): string {
  return text.replaceAll(UNSEEN, shown);
}

/** The same of a text that may have lines. */
export function visibleLines(text: string): string {
  return text.split("\n").map(visible).join("\n");
}

/** JSON without a character that a terminal would act on; its value is the same. */
export function visibleJson(value: unknown): string {
  return (JSON.stringify(value) ?? "null").replaceAll(UNSEEN, asUnits);
}

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function shown(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return SHORT[character] ?? (code < 0x1_00_00 ? asUnits(character) : `\\u{${code.toString(16)}}`);
}

/** RFC 8259 section 7. */
function asUnits(characters: string): string {
  return characters
    .split("")
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");
}

/** Whether it is characters that every program writes and reads in one way: printable ASCII. */
export function isWritable(text: string): boolean {
  return /^[\x20-\x7e]+$/.test(text);
}
