import type { Translation } from "../../message.ts";
import type { en } from "./en.ts";

export const fr: Translation<typeof en> = {
  "nav.home": "Vue d’ensemble",
  "nav.access": "Accès",
  "nav.mounts": "Points de montage",
  "nav.sessions": "Sessions en cours",
  "nav.mine": "Mes connexions",
  "nav.servers": "Serveurs",
  "nav.credentials": "Identifiants",
  "credentials.name": "Nom",
  "credentials.state": "État",
  "credentials.server": "Serveur",
  "state.good": "En ordre",
  "state.pending": "Attend une personne",
  "state.retried": "En difficulté ; un nouvel essai aura lieu",
  "state.operator": "Un exploitant doit agir",
  "state.person": "Une personne doit se reconnecter",
  "state.failed": "Terminé",
  "state.failed-operator": "Terminé ; un exploitant doit agir",
  "state.unknown": "Ne peut pas être ouvert",
  "pending.left": "encore {left}",
  "filter.counts": "Combien dans chaque état",
  "filter.lost":
    "Ce qui était recherché a été saisi lors d’une autre connexion et n’est plus lisible : saisissez-le à nouveau.",
};
