/** The texts of the guided walk, for the page and for the terminal alike: one file per part and language. */
import { type Message, say as sayIn, type ToMessage, type Translation } from "../message.ts";
import { de } from "./de.ts";
import { en } from "./en.ts";
import { fr } from "./fr.ts";
import { WALK_LANGUAGES, type WalkLanguage } from "./languages.ts";

export type WalkKey = keyof typeof en;
export type WalkMessage = Message<WalkKey>;

export { WALK_LANGUAGES, type WalkLanguage };

export const WALK_TEXTS: Readonly<Record<WalkLanguage, Translation<typeof en>>> = { en, de, fr };

export const message: ToMessage<typeof en> = (key, ...[values]) => ({ key, ...(values && { values }) });

/** A text of the walk in this language. */
export function sayWalk(language: WalkLanguage, said: WalkMessage): string {
  return sayIn(WALK_TEXTS[language], language, said);
}

export function isWalkKey(key: unknown): key is WalkKey {
  return typeof key === "string" && Object.hasOwn(en, key);
}
