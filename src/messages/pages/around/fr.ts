import type { Translation } from "../../message.ts";
import type { en } from "./en.ts";

export const fr: Translation<typeof en> = {
  "error.title": "Cela n’a pas fonctionné",
  "error.nowhere.title": "Il n’y a rien ici",
  "error.nowhere.text":
    "L’adresse est peut-être mal tapée, ou le lien est ancien. Si un programme vous a envoyé ici, demandez-lui un nouveau lien.",
  "error.programs.title": "Cette adresse est pour les programmes",
  "error.programs.text": "Elle ne répond qu’aux requêtes avec un jeton, qu’un navigateur n’envoie pas.",
  "error.start": "Page d’accueil",
  "error.code": "Saisir un code",
  "error.status": "Statut {status}",
};
