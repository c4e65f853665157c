import type { Translation } from "../../message.ts";
import type { en } from "./en.ts";

export const de: Translation<typeof en> = {
  "error.title": "Das hat nicht geklappt",
  "error.nowhere.title": "Hier ist nichts",
  "error.nowhere.text":
    "Die Adresse ist vielleicht vertippt oder der Link veraltet. Hat Sie ein Programm hierher geschickt, holen Sie dort einen neuen Link.",
  "error.programs.title": "Diese Adresse ist für Programme",
  "error.programs.text": "Sie antwortet nur auf Anfragen mit einem Token, und das schickt ein Browser nicht.",
  "error.start": "Startseite",
  "error.code": "Einen Code eingeben",
  "error.status": "Status {status}",
};
