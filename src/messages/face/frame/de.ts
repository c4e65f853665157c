import type { Translation } from "../../message.ts";
import type { en } from "./en.ts";

export const de: Translation<typeof en> = {
  skip: "Zum Inhalt springen",
  navigation: "Seiten",
  "sign-out": "Abmelden",
  "sign-in.title": "Anmelden",
  "sign-in.lead":
    "Mit dem Token eines Betreibers oder jedem anderen Token dieses Brokers. Sie sehen und tun, was seine Richtlinien erlauben.",
  "sign-in.token": "Token",
  "sign-in.help":
    "Es wird einmal gesendet und nicht in diesem Browser aufbewahrt: An seine Stelle tritt ein eigenes Token, das nach 8 Stunden endet, mit Ihrem, oder wenn Sie sich abmelden.",
  "sign-in.submit": "Anmelden",
  "sign-in.empty": "Geben Sie ein Token ein.",
  "sign-in.wrong": "Dieses Token ist unbekannt oder abgelaufen. Prüfen Sie, ob Sie es ganz kopiert haben.",
  "sign-in.stale":
    "Diese Seite war zu lange offen oder wurde in einem anderen Browser geöffnet. Geben Sie das Token noch einmal ein.",
  "sign-in.ended":
    "Sie sind abgemeldet: Ihr Token ist abgelaufen oder wurde widerrufen. Melden Sie sich neu an, um fortzufahren, wo Sie waren.",
  "sign-in.undone":
    "Nichts wurde getan, da hier niemand mehr angemeldet ist. Melden Sie sich neu an; Sie kommen zum Formular zurück und können es wiederholen.",
  "sign-in.two":
    "Dieser Browser hat hier zwei Anmeldungen. Wir setzen nur eine, also kann ein anderer Host dieser Domain die andere gesetzt haben, und keine wird benutzt. Löschen Sie die Cookies dieser Domain, und melden Sie sich neu an.",
  "sign-in.by": "Anmelden über {name}",
  "sign-in.no-oidc":
    "So kann sich hier noch niemand anmelden: Die Standardrolle muss eine für Menschen mit callback_mode client sein und die Rückkehradresse {uri} erlauben, ebenso der Anbieter.",
  "sign-in.done": "Sie sind angemeldet",
  "sign-in.go-on": "Weiter",
  "signed-out.title": "Sie sind abgemeldet",
  "signed-out.text": "Das Token dieses Browsers wurde widerrufen.",
  "signed-out.again": "Neu anmelden",
  "home.policies": "Richtlinien",
  "home.accessor": "Kennung des Tokens dieses Browsers",
  "home.ends": "Angemeldet bis",
  "home.unknown": "Ihr Token darf sich selbst nicht ansehen, also lässt sich hier nichts darüber sagen.",
  "home.nothing": "Ihr Token darf auf den anderen Seiten nichts sehen. Ein Betreiber kann ihm eine Richtlinie geben.",
  "home.sessions-end":
    "Mit dem Abmelden endet nur das Token dieses Browsers; das Token, mit dem Sie sich angemeldet haben, bleibt, wie es ist.",
  "error.title": "Das hat nicht geklappt",
  "error.denied.title": "Ihr Token erlaubt das nicht",
  "error.denied":
    "Der Broker hat es abgelehnt: {text}. Was ein Token sehen und tun darf, entscheidet eine Richtlinie; ein Betreiber kann sie ändern oder Ihnen ein anderes Token geben.",
  "error.gone.title": "Hier ist nichts",
  "error.gone": "Es gibt es nicht, oder nicht mehr.",
  "error.foreign":
    "Dieses Formular kam nicht von einer Seite dieses Brokers, also wurde nichts getan. Öffnen Sie die Seite neu, und wiederholen Sie es.",
  "error.stale":
    "Dieses Formular gehört zu einer anderen Anmeldung, also wurde nichts getan. Das geschieht, wenn Sie sich in einem anderen Tab neu angemeldet haben. Gehen Sie zurück, laden Sie die Seite neu, und wiederholen Sie es.",
  "error.away.title": "Der Broker kann das jetzt nicht beantworten",
  "error.back": "Zurück zu {page}",
  "error.status": "Status {status}",
  "bad-name":
    "Das kann kein Name sein: Er darf höchstens 512 Bytes und keine Steuerzeichen haben, und kein Abschnitt zwischen Schrägstrichen darf leer sein, ein oder zwei Punkte sein oder mit einem Doppelpunkt enden.",
  away: "Der Broker antwortet nicht. Was Sie sehen, kann veraltet sein; diese Seite fragt von selbst weiter.",
  "time.at": "{relative} ({time})",
};
