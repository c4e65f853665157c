import type { Translation } from "../../message.ts";
import type { en } from "./en.ts";

/** Around the steps of the guided walk: the page, saved runs, the terminal, in German. */
export const de: Translation<typeof en> = {
  "page.title": "Matrix-Anmeldung, Schritt für Schritt",
  "page.heading": "Eine Matrix-Anmeldung, Schritt für Schritt",
  "page.intro":
    "Ihr Browser sendet jede Anfrage selbst. Nichts läuft über Coatcheck, es sei denn, Sie übergeben die Anmeldung am Ende dorthin. Tokens bleiben verdeckt im Speicher dieser Seite und sind weg, sobald Sie die Seite schließen oder neu laden.",
  "page.simulators": "Simulierte Homeserver erhalten Sie mit coatcheck serve --dev.",
  "page.noscript":
    "Diese Seite braucht JavaScript, weil sie alle Anfragen selbst sendet. Ohne Browser geht dasselbe so:",
  "page.language": "Sprache",
  "page.forget": "Alles vergessen",
  copied: "Kopiert",
  "copy.failed": "Kopieren fehlgeschlagen",

  "save.title": "Diesen Durchlauf speichern oder fortsetzen",
  "save.secrets": "Auch die Geheimnisse dieser Anmeldung speichern",
  "save.secrets.help":
    "Ohne sie öffnet die Datei nichts: Sie können den Durchlauf wieder lesen und ab Schritt 4 mit demselben Client weitermachen. Mit ihnen enthält sie unverschlüsselt, was Sie an Gerätecode, Access-Token, Refresh-Token und PKCE-Verifier haben: Wer die Datei hat, hat Ihre Anmeldung. Löschen Sie sie, wenn Sie fertig sind.",
  "save.button": "Als Datei speichern",
  "save.file": "Aus einer gespeicherten Datei fortsetzen",
  "save.file.help": "Nur diese Seite liest die Datei; sie wird nirgendwohin gesendet.",
  "resume.done": "Der gespeicherte Durchlauf bei {homeserver} ist wieder geöffnet.",
  "resume.open":
    "Die Datei enthält die Geheimnisse der Anmeldung. Löschen Sie sie, sobald Sie sie nicht mehr brauchen.",
  "resume.rotated":
    "Wenn Sie nach dem Speichern noch ein neues Token geholt haben, ist das Refresh-Token in dieser Datei schon verbraucht; es noch einmal zu senden, kann die Anmeldung beenden.",
  "resume.without":
    "Die Geheimnisse wurden nicht gespeichert: Sie können nachlesen, was geschehen ist, und ab Schritt 4 mit demselben Client weitermachen.",
  "resume.bad": "Das ist nicht die Datei eines gespeicherten Durchlaufs: {reason}.",
  "resume.bad.json": "sie ist kein JSON",
  "resume.bad.format": "sie stammt nicht von dieser Seite oder von einer anderen Version",
  "resume.bad.metadata": "die Server-Metadaten darin sind nicht brauchbar",

  "step.waiting": "Noch nicht: Schließen Sie erst die vorherigen Schritte ab.",
  "step.revoked": "Diese Anmeldung ist widerrufen. Die Ergebnisse bleiben stehen, damit Sie sie lesen können.",
  "step.saved":
    "Aus der gespeicherten Datei. Um diesen Schritt auszuführen, beginnen Sie ab Schritt 4 eine neue Anmeldung.",
  "step.read": "Spezifikation lesen",
  "step.blocked":
    "Der Browser hat keine Antwort bekommen: Entweder ist der Server nicht erreichbar, oder er erlaubt keine Anfragen von Webseiten (keine CORS-Header). Im Terminal geht es immer:",
  "step.missing": "Aus einem früheren Schritt fehlt: {what}.",
  "missing.discovery": "die Serversuche",
  "missing.registration": "die Registrierung",
  "missing.device": "die Geräteanfrage",
  "missing.device_grant": "ein Server, der den Device Grant anbietet (nehmen Sie sonst den Code-Flow)",
  "missing.code_flow": "ein Server, der den Code-Flow anbietet",
  "missing.link": "der Link",
  "missing.token": "ein Token",
  "missing.refresh": "eine Erneuerung",
  "missing.refresh_token": "ein Refresh-Token, aber dieser Server hat keines ausgestellt",
  "finding.problem": "Problem:",
  "finding.warning": "Warnung:",

  "exchange.no_answer": "keine Antwort",
  "exchange.request": "Anfrage",
  "exchange.headers": "Header der Anfrage",
  "exchange.form": "Formular",
  "exchange.form.table": "Formular der Anfrage",
  "exchange.body": "Inhalt",
  "exchange.answer": "Antwort",
  "exchange.answer.table": "Status und Header der Antwort",
  "exchange.curl": "Als curl kopieren",
  "exchange.typescript": "Als TypeScript kopieren",
  "exchange.command": "Als coatcheck-Befehl kopieren",
  "exchange.command.help": "Dieser Befehl geht im Terminal dieselben Schritte bis hierher:",
  "exchange.reveal": "Geheimnisse anzeigen",
  "exchange.hide": "Geheimnisse verbergen",

  "cli.enter": "Weiter mit Enter",
  plain: "{text}",
};
