/** The texts of the dashboard: one file per part and language. */
import { type Arguments, say as sayIn, type Translation } from "../message.ts";
import { de } from "./de.ts";
import { en } from "./en.ts";
import { es } from "./es.ts";
import { fr } from "./fr.ts";
import { ja } from "./ja.ts";

export type FaceKey = keyof typeof en;

/** Keys of texts in which nothing is put. */
export type PlainFaceKey = {
  [Key in FaceKey]: Arguments<(typeof en)[Key]> extends readonly [] ? Key : never;
}[FaceKey];

/** The first is for those who prefer none of them. */
export const FACE_LANGUAGES = ["en", "de", "fr", "es", "ja"] as const;
export type FaceLanguage = (typeof FACE_LANGUAGES)[number];

/** What people see who operate nothing is in each language; what only operators see is in English, and so are whole screens of it. */
export const FACE_TEXTS: Readonly<Record<FaceLanguage, Translation<typeof de>>> = { en, de, fr, es, ja };

const TEXTS: Readonly<Record<FaceLanguage, Translation<typeof en>>> = {
  en,
  de: { ...en, ...de },
  fr: { ...en, ...fr },
  es: { ...en, ...es },
  ja: { ...en, ...ja },
};

/** A text in one language; the type check wants every value that the English text names. */
export type SayFace = <Key extends FaceKey>(key: Key, ...values: Arguments<(typeof en)[Key]>) => string;

export function sayFace(language: FaceLanguage): SayFace {
  return (key, ...[values]) => sayIn(TEXTS[language], language, { key, ...(values && { values }) });
}

/** Of what the API names by a word that a newer version may add to: in the language, or as it is. */
export function sayNamed(language: FaceLanguage, family: string, word: string): string {
  const key = `${family}.${word}`;
  return isFaceKey(key) ? sayIn(TEXTS[language], language, { key }) : word;
}

function isFaceKey(key: string): key is FaceKey {
  return Object.hasOwn(en, key);
}
