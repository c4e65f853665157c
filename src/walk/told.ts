import { message, WALK_TEXTS, type WalkKey, type WalkMessage } from "../messages/walk/index.ts";

/** What stands in such a text, where it is not just one word: nothing may pass for a value that is a sentence of its own. */
const VALUES: Readonly<Record<string, string>> = {
  // A member; of a list, its value too.
  name: String.raw`[\w#-]+(?:: \S+)?`,
  place: String.raw`[^;:]+ \(GET \S+\)`,
  text: '".*"',
  values: ".+",
  hosts: ".+",
  flows: ".+",
  error: ".+",
  reason: ".+",
};

/** What the rules and the protocol say, in English and as text, by the message that says it; the most particular first. */
const TOLD = Object.entries(WALK_TEXTS.en)
  .filter(([key]) => key.startsWith("told."))
  .sort(([, one], [, other]) => wordsOf(other).length - wordsOf(one).length)
  .map(([key, text]) => ({ key: key as WalkKey, pattern: patternOf(text) }));

function wordsOf(text: string): string {
  return text.replaceAll(/\{\w+\}/g, "");
}

function patternOf(text: string): RegExp {
  const parts = text.split(/\{(\w+)\}/).map((part, index) => {
    if (index % 2 === 0) return part.replaceAll(/[.*+?^$()[\]|\\/]/g, String.raw`\$&`);
    return `(?<${part}>${VALUES[part] ?? String.raw`\S+`})`;
  });
  return new RegExp(`^${parts.join("")}$`);
}

/**
 * A text of `protocol/`, which says it to everybody alike, as a message that can be said in other languages; one that is a
 * server's own, or not known here, as it is. What it gives as a reason is such a text again.
 */
export function told(text: string): WalkMessage {
  for (const { key, pattern } of TOLD) {
    const found = pattern.exec(text);
    if (!found) continue;
    const { reason, ...values } = found.groups ?? {};
    return { key, values: { ...values, ...(reason !== undefined && { reason: told(reason) }) } };
  }
  return message("plain", { text });
}
