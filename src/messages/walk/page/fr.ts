import type { Translation } from "../../message.ts";
import type { en } from "./en.ts";

/** Around the steps of the guided walk: the page, saved runs, the terminal, in French. */
export const fr: Translation<typeof en> = {
  "page.title": "Connexion à Matrix, pas à pas",
  "page.heading": "Une connexion à Matrix, pas à pas",
  "page.intro":
    "Votre navigateur envoie lui-même chaque requête. Rien ne passe par Coatcheck, sauf si vous y confiez la connexion à la fin. Les jetons restent masqués dans la mémoire de cette page et disparaissent dès que vous la fermez ou la rechargez.",
  "page.simulators": "Pour disposer de serveurs d’accueil simulés, lancez coatcheck serve --dev.",
  "page.noscript":
    "Cette page a besoin de JavaScript, car elle envoie elle-même toutes les requêtes. Pour faire la même chose sans navigateur :",
  "page.language": "Langue",
  "page.forget": "Tout oublier",
  copied: "Copié",
  "copy.failed": "La copie a échoué",

  "save.title": "Enregistrer ou reprendre ce parcours",
  "save.secrets": "Enregistrer aussi les secrets de cette connexion",
  "save.secrets.help":
    "Sans eux, le fichier n’ouvre rien : vous pouvez relire le parcours et reprendre à l’étape 4 avec le même client. Avec eux, il contient en clair ce que vous avez de code d’appareil, jeton d’accès, jeton de rafraîchissement et vérificateur PKCE : qui possède le fichier possède votre connexion. Supprimez-le quand vous avez terminé.",
  "save.button": "Enregistrer dans un fichier",
  "save.file": "Reprendre à partir d’un fichier enregistré",
  "save.file.help": "Seule cette page lit le fichier ; il n’est envoyé nulle part.",
  "resume.done": "Le parcours enregistré chez {homeserver} est de nouveau ouvert.",
  "resume.open": "Le fichier contient les secrets de la connexion. Supprimez-le dès que vous n’en avez plus besoin.",
  "resume.rotated":
    "Si vous avez rafraîchi le jeton après l’enregistrement, le jeton de rafraîchissement de ce fichier a déjà servi : l’envoyer de nouveau peut mettre fin à la connexion.",
  "resume.without":
    "Ses secrets n’ont pas été enregistrés : vous pouvez relire ce qui s’est passé et reprendre à l’étape 4 avec le même client.",
  "resume.bad": "Ce n’est pas le fichier d’un parcours enregistré : {reason}.",
  "resume.bad.json": "ce n’est pas du JSON",
  "resume.bad.format": "il ne vient pas de cette page, ou vient d’une autre version",
  "resume.bad.metadata": "les métadonnées de serveur qu’il contient sont inutilisables",

  "step.waiting": "Pas encore : terminez d’abord les étapes précédentes.",
  "step.revoked": "Cette connexion a été révoquée. Les résultats restent affichés pour que vous puissiez les lire.",
  "step.saved":
    "Repris du fichier enregistré. Pour effectuer cette étape, commencez une nouvelle connexion à l’étape 4.",
  "step.read": "Lire la spécification",
  "step.blocked":
    "Le navigateur n’a reçu aucune réponse : soit le serveur est injoignable, soit il n’autorise pas les requêtes venant de pages web (pas d’en-têtes CORS). Dans un terminal, cela marche toujours :",
  "step.missing": "Il manque, d’une étape antérieure : {what}.",
  "missing.discovery": "la découverte",
  "missing.registration": "l’enregistrement",
  "missing.device": "la demande d’appareil",
  "missing.device_grant":
    "un serveur qui propose l’autorisation par appareil (sinon, utilisez le flux par code d’autorisation)",
  "missing.code_flow": "un serveur qui propose le flux par code d’autorisation",
  "missing.link": "le lien",
  "missing.token": "un jeton",
  "missing.refresh": "un rafraîchissement",
  "missing.refresh_token": "un jeton de rafraîchissement, mais ce serveur n’en a pas émis",
  "finding.problem": "Problème :",
  "finding.warning": "Attention :",

  "exchange.no_answer": "pas de réponse",
  "exchange.request": "Requête",
  "exchange.headers": "En-têtes de la requête",
  "exchange.form": "Formulaire",
  "exchange.form.table": "Formulaire de la requête",
  "exchange.body": "Corps",
  "exchange.answer": "Réponse",
  "exchange.answer.table": "Statut et en-têtes de la réponse",
  "exchange.curl": "Copier pour curl",
  "exchange.typescript": "Copier en TypeScript",
  "exchange.command": "Copier la commande coatcheck",
  "exchange.command.help": "Cette commande effectue les mêmes étapes jusqu’ici, dans un terminal :",
  "exchange.reveal": "Afficher les secrets",
  "exchange.hide": "Masquer les secrets",

  "cli.enter": "Appuyez sur Entrée pour continuer",
  plain: "{text}",
};
