import type { Translation } from "../../message.ts";
import type { en } from "./en.ts";

export const de: Translation<typeof en> = {
  "mine.title": "Meine Anmeldungen",
  "mine.lead":
    "Programme, die Ihr Konto über diesen Broker benutzen: welche, seit wann und von wo. Beenden Sie, was Sie nicht kennen.",
  "mine.waiting": "Wartet auf Sie",
  "mine.waiting.text":
    "Lassen Sie nur zu, was Sie selbst begonnen haben. Wer Ihnen einen Code oder einen Link schickt, will Ihr Konto benutzen.",
  "mine.waiting.caption": "Anmeldungen von Programmen, die noch niemand zugelassen hat",
  "mine.decide": "Ihre Entscheidung",
  "mine.decide.link": "Ansehen und zulassen oder ablehnen",
  "mine.deny": "Beenden",
  "mine.held": "Zugelassen",
  "mine.caption": "Programme mit einer Anmeldung von Ihnen, oder von Ihnen begonnen",
  "mine.none": "Kein Programm hat eine Anmeldung von Ihnen, die hier gezeigt werden kann.",
  "mine.more":
    "Es gibt noch mehr Sitzungen anzusehen, und einige davon können Ihre sein: Gehen Sie weiter zur nächsten Seite.",
  "mine.code.title": "Ein Programm zeigt Ihnen einen Code?",
  "mine.code.text": "Dann wartet es auf Sie, als wer auch immer Sie hier angemeldet sind.",
  "mine.code.link": "Code eingeben",
};
