import type { FastifyRequest } from "fastify";
import { chooseLanguage } from "../../messages/language.ts";
import { PAGE_LANGUAGES, type PageLanguage, type SayPage, sayPage } from "../../messages/pages/index.ts";

/** How a page speaks to whoever asked for it. */
export interface Speaker {
  readonly language: PageLanguage;
  readonly say: SayPage;
}

export function speakerFor({ headers }: Pick<FastifyRequest, "headers">): Speaker {
  const language = chooseLanguage(PAGE_LANGUAGES, undefined, headers["accept-language"]);
  return { language, say: sayPage(language) };
}

/** Of a page that would be another one for another browser. */
export function languageHeaders({ language }: Speaker): Readonly<Record<string, string>> {
  return { "content-language": language, vary: "accept-language" };
}
