/** The texts of the pages on which people decide about logins, and of what a browser is shown in vain. */
import { type Arguments, say as sayIn, type Translation } from "../message.ts";
import { de as aroundDe } from "./around/de.ts";
import { en as aroundEn } from "./around/en.ts";
import { es as aroundEs } from "./around/es.ts";
import { fr as aroundFr } from "./around/fr.ts";
import { ja as aroundJa } from "./around/ja.ts";
import { de as loginDe } from "./login/de.ts";
import { en as loginEn } from "./login/en.ts";
import { es as loginEs } from "./login/es.ts";
import { fr as loginFr } from "./login/fr.ts";
import { ja as loginJa } from "./login/ja.ts";

const en = { ...loginEn, ...aroundEn };

type PagesKey = keyof typeof en;

/** The first is for those who prefer none of them. */
export const PAGE_LANGUAGES = ["en", "de", "fr", "es", "ja"] as const;
export type PageLanguage = (typeof PAGE_LANGUAGES)[number];

export const PAGE_TEXTS: Readonly<Record<PageLanguage, Translation<typeof en>>> = {
  en,
  de: { ...loginDe, ...aroundDe },
  fr: { ...loginFr, ...aroundFr },
  es: { ...loginEs, ...aroundEs },
  ja: { ...loginJa, ...aroundJa },
};

/** A text in one language; the type check wants every value that the English text names. */
export type SayPage = <Key extends PagesKey>(key: Key, ...values: Arguments<(typeof en)[Key]>) => string;

export function sayPage(language: PageLanguage): SayPage {
  return (key, ...[values]) => sayIn(PAGE_TEXTS[language], language, { key, ...(values && { values }) });
}
