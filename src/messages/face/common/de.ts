import type { Translation } from "../../message.ts";
import type { en } from "./en.ts";

export const de: Translation<typeof en> = {
  "nav.home": "Übersicht",
  "nav.access": "Zugriff",
  "nav.mounts": "Mounts",
  "nav.sessions": "Sitzungen",
  "nav.mine": "Meine Anmeldungen",
  "nav.servers": "Server",
  "nav.credentials": "Zugangsdaten",
  "credentials.name": "Name",
  "credentials.state": "Zustand",
  "credentials.server": "Server",
  "state.good": "Gut",
  "state.pending": "Wartet auf einen Menschen",
  "state.retried": "Gestört; wird von selbst wieder versucht",
  "state.operator": "Ein Betreiber muss handeln",
  "state.person": "Jemand muss sich neu anmelden",
  "state.failed": "Beendet",
  "state.failed-operator": "Beendet; ein Betreiber muss handeln",
  "state.unknown": "Kann nicht geöffnet werden",
  "pending.left": "noch {left}",
  "filter.counts": "Wie viele in jedem Zustand",
  "filter.lost":
    "Wonach gesucht wurde, stammt aus einer früheren Anmeldung und ist nicht mehr lesbar: Geben Sie es noch einmal ein.",
};
