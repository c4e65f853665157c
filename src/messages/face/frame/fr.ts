import type { Translation } from "../../message.ts";
import type { en } from "./en.ts";

export const fr: Translation<typeof en> = {
  skip: "Aller au contenu",
  navigation: "Pages",
  "sign-out": "Se déconnecter",
  "sign-in.title": "Se connecter",
  "sign-in.lead":
    "Avec le jeton d’un exploitant, ou tout autre jeton de ce broker. Vous voyez et faites ce que ses règles permettent.",
  "sign-in.token": "Jeton",
  "sign-in.help":
    "Il est envoyé une fois et n’est pas gardé dans ce navigateur : un jeton propre le remplace, qui prend fin après 8 heures, avec le vôtre, ou quand vous vous déconnectez.",
  "sign-in.submit": "Se connecter",
  "sign-in.empty": "Saisissez un jeton.",
  "sign-in.wrong": "Ce jeton est inconnu ou a pris fin. Vérifiez que vous l’avez copié en entier.",
  "sign-in.stale":
    "Cette page est restée ouverte trop longtemps, ou a été ouverte dans un autre navigateur. Saisissez de nouveau le jeton.",
  "sign-in.ended":
    "Vous êtes déconnecté : votre jeton a pris fin ou a été révoqué. Reconnectez-vous pour continuer où vous étiez.",
  "sign-in.undone":
    "Rien n’a été fait, car personne n’est plus connecté ici. Reconnectez-vous ; vous revenez au formulaire et pouvez recommencer.",
  "sign-in.two":
    "Ce navigateur a deux connexions ici. Nous n’en posons qu’une ; un autre hôte de ce domaine peut avoir posé l’autre, et aucune n’est utilisée. Supprimez les cookies de ce domaine, puis reconnectez-vous.",
  "sign-in.by": "Se connecter par {name}",
  "sign-in.no-oidc":
    "Personne ne peut encore se connecter ainsi : son rôle par défaut doit être un rôle de personnes avec callback_mode client et autoriser l’adresse de retour {uri}, comme le fournisseur.",
  "sign-in.done": "Vous êtes connecté",
  "sign-in.go-on": "Continuer",
  "signed-out.title": "Vous êtes déconnecté",
  "signed-out.text": "Le jeton de ce navigateur a été révoqué.",
  "signed-out.again": "Se reconnecter",
  "home.policies": "Règles",
  "home.accessor": "Référence du jeton de ce navigateur",
  "home.ends": "Connecté jusqu’au",
  "home.unknown": "Votre jeton ne peut pas se consulter lui-même ; on ne peut donc rien en dire ici.",
  "home.nothing": "Votre jeton ne peut rien voir sur les autres pages. Un exploitant peut lui donner une règle.",
  "home.sessions-end":
    "La déconnexion ne met fin qu’au jeton de ce navigateur ; celui avec lequel vous vous êtes connecté reste tel quel.",
  "error.title": "Cela n’a pas fonctionné",
  "error.denied.title": "Votre jeton ne permet pas cela",
  "error.denied":
    "Le broker l’a refusé : {text}. Une règle décide de ce que chaque jeton peut voir et faire ; un exploitant peut la changer ou vous donner un autre jeton.",
  "error.gone.title": "Il n’y a rien ici",
  "error.gone": "Cela n’existe pas, ou plus.",
  "error.foreign":
    "Ce formulaire ne vient pas d’une page de ce broker ; rien n’a donc été fait. Rouvrez la page et recommencez.",
  "error.stale":
    "Ce formulaire appartient à une autre connexion ; rien n’a donc été fait. Cela arrive quand vous vous êtes reconnecté dans un autre onglet. Revenez en arrière, rechargez la page et recommencez.",
  "error.away.title": "Le broker ne peut pas répondre maintenant",
  "error.back": "Retour à {page}",
  "error.status": "État {status}",
  "bad-name":
    "Cela ne peut pas être un nom : il a au plus 512 octets et aucun caractère de contrôle, et aucune partie entre barres obliques ne peut être vide, être un ou deux points, ni finir par deux-points.",
  away: "Le broker ne répond pas. Ce que vous voyez peut être périmé ; cette page continue de demander d’elle-même.",
  "time.at": "{relative} ({time})",
};
