import type { Translation } from "../../message.ts";
import type { en } from "./en.ts";

export const fr: Translation<typeof en> = {
  "mine.title": "Mes connexions",
  "mine.lead":
    "Programmes qui utilisent votre compte par ce broker : lesquels, depuis quand et d’où. Mettez fin à ce que vous ne connaissez pas.",
  "mine.waiting": "Vous attend",
  "mine.waiting.text":
    "N’autorisez que ce que vous avez commencé vous-même. Qui vous envoie un code ou un lien veut utiliser votre compte.",
  "mine.waiting.caption": "Connexions de programmes que personne n’a encore approuvées",
  "mine.decide": "Votre décision",
  "mine.decide.link": "Voir, puis autoriser ou refuser",
  "mine.deny": "Y mettre fin",
  "mine.held": "Autorisés",
  "mine.caption": "Programmes qui ont une connexion à vous, ou que vous avez commencés",
  "mine.none": "Aucun programme n’a de connexion à vous qui puisse être montrée ici.",
  "mine.more": "Il reste des sessions à examiner, et certaines peuvent être à vous : passez à la page suivante.",
  "mine.code.title": "Un programme vous montre un code ?",
  "mine.code.text": "Alors il vous attend, quel que soit le compte avec lequel vous êtes connecté ici.",
  "mine.code.link": "Saisir le code",
};
