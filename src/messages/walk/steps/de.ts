import type { Translation } from "../../message.ts";
import type { en } from "./en.ts";

/** The steps of the guided walk, in German. */
export const de: Translation<typeof en> = {
  "discover.title": "Serversuche",
  "discover.text":
    "Eine Benutzer-ID oder ein Servername führt zum Homeserver, und der Homeserver nennt seinen Autorisierungsserver. Der neueste Ort wird zuerst versucht; der nächste nur, wenn es den vorigen nicht gibt.",
  "discover.input": "Benutzer-ID, Servername oder Adresse des Homeservers",
  "discover.example": "@me:example.org, example.org oder https://matrix.example.org",
  "discover.button": "Autorisierungsserver suchen",
  "discover.older": "Ältere Server: erst der Issuer, dann seine OpenID-Metadaten",
  "discover.older.issuer": "URL, die den Issuer nennt",
  "discover.older.issuer.help":
    "Sie ergibt sich aus der Adresse des Homeservers. Bei einem Servernamen ist sie nur vermutet, bis er nachgeschlagen ist; das kann zu einer anderen Adresse führen.",
  "discover.older.configuration": "URL der Metadaten des Issuers",
  "discover.older.configuration.help":
    "Sie ergibt sich aus dem Issuer; solange der nicht bekannt ist, ist sie nur vermutet.",
  "discover.older.button": "Den älteren Weg gehen",
  "discover.api": "API: {url}",
  "discover.server": "Autorisierungsserver: {issuer} (Stufe „{rung}“)",
  "discover.place": "{path}: {status} – {reason}",
  "discover.place.trouble": "{path}: {trouble} – {reason}",
  "discover.present": "vorhanden, also wird er verwendet",
  "discover.absent": "nicht vorhanden, also wird der nächste Ort versucht",
  "discover.trouble":
    "fehlgeschlagen; der nächste Ort wird nicht versucht, denn sonst könnte jeder, der einen Fehler auslösen kann, einen älteren erzwingen",
  "discover.again": "Das kann vorübergehend sein: Versuchen Sie es noch einmal.",
  "discover.end": "Noch ein Versuch hilft nicht: Prüfen Sie den Namen, oder geben Sie die Basis-URL an (https://…).",
  "discover.none":
    "Der Name stimmt, und hier gibt es nichts durchzugehen: Bei diesem Homeserver meldet man sich ohne OAuth an.",
  "discover.gone":
    "Synapse hat seit 1.157 (2026) kein auth_issuer mehr: Gehen Sie den heutigen Weg, der die Metadaten direkt findet.",

  "simulator.choice": "Oder nehmen Sie einen simulierten Homeserver, der sich so verhält:",
  "simulator.quirks": "Den simulierten Homeserver Fehler machen lassen",
  "simulator.quirks.help":
    "Was Sie hier ankreuzen, gilt ab der nächsten Anfrage, und zwar für alle simulierten Homeserver.",
  "simulator.failed": "Der simulierte Homeserver hat die Änderung nicht angenommen.",
  "simulator.decide": "Dieser Homeserver ist simuliert: Entscheiden Sie für seinen Benutzer.",
  "simulator.decision": "Entscheidung der Person",
  "simulator.allow": "Erlauben",
  "simulator.deny": "Ablehnen",
  "simulator.decided.allow": "Entschieden: erlaubt.",
  "simulator.decided.deny": "Entschieden: abgelehnt.",
  "simulator.refused": "Die Seite des Servers hat das abgewiesen ({status}).",
  "simulator.expire": "Access-Token ablaufen lassen",
  "simulator.expired":
    "Das Access-Token ist abgelaufen. Fragen Sie noch einmal, wem es gehört, und erneuern Sie es dann.",
  "simulator.log_out": "Gerät am Homeserver abmelden",
  "simulator.logged_out":
    "Das Gerät ist abgemeldet. Fragen Sie noch einmal, wem das Token gehört, und versuchen Sie dann, es zu erneuern.",
  "simulator.terminal": "Dieser Homeserver ist simuliert: Entscheiden Sie für seinen Benutzer im Browser oder mit",
  "quirk.no_device_grant": "Die Metadaten bieten den Device Grant nicht an",
  "quirk.device_grant_refused": "Der Device Grant wird angeboten und dann verweigert",
  "quirk.no_complete_uri": "Keine Adresse, die den Code schon enthält",
  "quirk.slow_down": "Die erste Abfrage jedes Codes wird mit slow_down beantwortet",
  "quirk.expired_code": "Codes laufen nach 10 Sekunden ab",
  "quirk.short_tokens": "Access-Tokens laufen nach 10 Sekunden ab",
  "quirk.lost_answer": "Beim ersten Gebrauch jedes Refresh-Tokens geht die Antwort unterwegs verloren",
  "quirk.strict_rotation": "Ein gebrauchtes Refresh-Token wird sofort abgelehnt",
  "quirk.flipped_soft_logout": "soft_logout ist das Gegenteil von dem, was diese Art Server sonst sagt",
  "quirk.account_locked": "Das Konto ist gesperrt",

  "check.title": "Metadaten",
  "check.text":
    "Die Metadaten führen auf, welche Endpunkte es gibt und was sie können. Dieser Schritt sendet nichts, er prüft nur.",
  "check.raw": "Das Dokument, wie es gesendet wurde",
  "check.command": "Dieselben Schritte im Terminal:",
  "check.copy": "Kopieren",
  "check.button": "Metadaten prüfen",
  "check.no_device": "Der Server bietet den Device Grant nicht an: Nehmen Sie den Code-Flow.",
  "check.device": "Der Server bietet den Device Grant an: {url}",

  "register.title": "Registrierung",
  "register.text":
    "Der Autorisierungsserver kennt dieses Programm noch nicht. Darum registriert es sich und bekommt eine Client-ID. Ein Geheimnis bekommt es nicht, denn jeder könnte es aus dem Programm auslesen.",
  "register.more": "Weitere Angaben als JSON",
  "register.more.help": "Was RFC 7591 sonst noch kennt, zum Beispiel {example}.",
  "register.initial": "Initial Access Token",
  "register.initial.help": "Nur, wenn der Server eines verlangt.",
  "register.exact": "Genauer Inhalt",
  "register.button": "Registrieren",
  "register.client": "Client-ID: {id}",
  "register.same": "Der Server hat alles wie gewünscht registriert.",
  "register.missing": "{name}: gewünscht, fehlt aber in der Antwort",
  "register.other": "{name}: gewünscht {requested}, registriert {granted}",
  "register.client_name": "Der Name, den die Person beim Zustimmen sieht.",
  "register.client_uri":
    "Eine Seite unter einem echten Domainnamen: Ein Server lehnt IP-Adressen ab, ein anderer localhost und bloße Endungen.",
  "register.application_type":
    "Ein Programm auf dem eigenen Rechner; Weiterleitungen an die Loopback-Adresse sind nativen Clients vorbehalten.",
  "register.redirect_uris":
    "Loopback-Adressen ohne Port, weil zwei Server einen Port ablehnen; später geht jeder Port. Tuwunel verlangt Redirect-URIs auch für eine Geräteanmeldung.",
  "register.response_types": "Tuwunel verlangt das auch für eine Geräteanmeldung.",
  "register.grant_types":
    "authorization_code, weil Tuwunel es verlangt; refresh_token, weil matrix-authentication-service sonst kein Refresh-Token ausstellt.",
  "register.token_endpoint_auth_method":
    "Muss ausdrücklich none sein: Fehlt die Angabe, nimmt matrix-authentication-service die Registrierung an und lehnt danach jede Anfrage ab.",

  "device.title": "Geräteanfrage",
  "device.text":
    "Das Programm fordert einen Code an. Der Scope nennt die API und ein Gerät, dessen ID das Programm selbst wählt.",
  "device.id": "Geräte-ID",
  "device.id.help":
    "Nehmen Sie für jede Anmeldung eine neue ID: Mit einer, die schon benutzt wird, würden Sie jenes Gerät übernehmen.",
  "device.random": "Neue zufällige ID",
  "device.spelling": "Schreibweise der Scopes",
  "device.spelling.help": "Sie hängt davon ab, wo die Metadaten gefunden wurden.",
  "device.button": "Code anfordern",
  "device.asked": "Geräte-ID: {id}",
  "device.page": "Prüfen Sie die Seite, bevor Sie sie öffnen: {problem}.",
  "device.device_code": "Die Hälfte des Codes für das Programm; sie ist geheim.",
  "device.user_code": "Die Hälfte des Codes für die Person; sie ist nicht geheim.",
  "device.verification_uri": "Die Adresse, die die Person öffnet.",
  "device.verification_uri_complete":
    "Dieselbe Adresse mit dem Code darin, für einen QR-Code; sie kommt vom Server, das Programm setzt sie nie selbst zusammen.",
  "device.expires_in": "Sekunden, bis beide Hälften ablaufen.",
  "device.interval": "Sekunden zwischen zwei Abfragen; 5, wenn die Angabe fehlt.",

  "code.title": "Benutzercode",
  "code.text": "Eine Person öffnet die Adresse auf irgendeinem Gerät mit Browser und gibt den Code ein.",
  "code.copy": "Code kopieren",
  "code.spelled": "Benutzercode: {letters}",
  "code.hyphen": "Bindestrich",
  "code.expires": "Läuft ab in {time}",
  "code.expired": "Der Code ist abgelaufen.",
  "code.used": "Der Code ist verbraucht.",
  "code.at": "Auf {host}:",
  "code.own":
    "Geben Sie nur einen Code ein, den Sie selbst angefordert haben: Wer einen fremden Code bestätigt, lässt einen Fremden in sein Konto.",
  "code.qr": "QR-Code von {url}",
  "code.open": "Öffnen:",
  "code.code": "Code:",
  "code.or": "Oder:",
  "code.lasts": "Er läuft in {seconds} s ab.",

  "token.title": "Token-Anfrage",
  "token.text":
    "Währenddessen fragt das Programm immer wieder nach, nie öfter, als das Intervall erlaubt, bis die Person entschieden hat oder der Code abgelaufen ist.",
  "token.automatic": "Automatisch abfragen",
  "token.stop": "Abfragen beenden",
  "token.once": "Einmal abfragen",
  "token.timeline": "Bisherige Abfragen",
  "token.next": "Die nächste Abfrage ist in {seconds} s fällig (Intervall {interval} s)",
  "token.due": "Die nächste Abfrage ist fällig (Intervall {interval} s)",
  "token.ended": "Es wird nicht mehr abgefragt.",
  "token.poll": "nach {seconds} s: {said}, Intervall {interval} s",
  "token.said": "{code}: {advice}",
  "token.approved": "Die Person hat zugestimmt.",

  "whoami.title": "Wer bin ich",
  "whoami.text":
    "Der Homeserver sagt, wem dieses Token gehört. Konto und Gerät werden mit dem verglichen, was angefragt wurde.",
  "whoami.button": "Fragen, wem das Token gehört",
  "whoami.account": "Konto: {account}",
  "whoami.device": "Gerät: {device}, wie angefragt",
  "whoami.other_device": "Gerät: {device}, nicht wie angefragt {requested}; verwenden Sie eine solche Anmeldung nicht",
  "whoami.no_device": "keines",
  "whoami.scope": "Scope: wie angefragt gewährt",
  "whoami.lost": "Scope: nicht gewährt: {scopes}",
  "whoami.more": "Scope: gewährt, ohne angefragt zu sein: {scope}",
  "whoami.refused": "Der Homeserver lehnt das Token ab: {code}",
  "whoami.soft":
    "soft_logout: true. Das Gerät gibt es noch, und ein Client behält seine Schlüssel: Erneuern Sie das Token (Schritt 8), oder melden Sie sich, falls das abgelehnt wird, mit derselben Geräte-ID neu an.",
  "whoami.hard":
    "soft_logout: false. Beim Wort genommen sind das Gerät und seine Schlüssel weg, und die Person meldet sich als neues Gerät an.",
  "whoami.no_soft": "Die Antwort enthält kein soft_logout, und das bedeutet false.",
  "whoami.soft.rule":
    "Entscheiden Sie nicht allein nach soft_logout: Synapse mit matrix-authentication-service sagt auch bei einem bloß abgelaufenen Token false, Tuwunel und Continuwuity sagen true. Erneuern Sie einmal; erst wenn das abgelehnt wird, ist die Anmeldung zu Ende.",
  "whoami.manage": "Das Konto wird hier verwaltet:",

  "refresh.title": "Erneuerung",
  "refresh.text":
    "Access-Tokens gelten Minuten bis Tage. Das Refresh-Token holt das nächste und wird dabei selbst ersetzt.",
  "refresh.button": "Erneuern",
  "refresh.lose": "Erneuern und die Antwort verlieren",
  "refresh.replay": "Das alte Refresh-Token noch einmal senden",
  "refresh.access": "Access-Token: {old} → {new}",
  "refresh.access.same": "Access-Token: {new}, unverändert",
  "refresh.refresh": "Refresh-Token: {old} → {new}",
  "refresh.refresh.same": "Refresh-Token: {new}, unverändert",
  "refresh.lost":
    "Die Antwort ist verloren, Sie haben also nur noch das alte Refresh-Token. Senden Sie es noch einmal, um zu sehen, wie diese Art Server damit umgeht.",
  "refresh.once_more": "Ob der Server das Token ersetzt hat, ist nicht bekannt: Es wird noch einmal gesendet.",
  "refresh.again": "Kommt das alte Refresh-Token noch einmal, gilt bei {server}: {effect}",
  "refresh.again.mas":
    "Es wird angenommen, bis eines der neuen Tokens benutzt wurde; danach heißt es 400 invalid_grant, und die Sitzung bleibt gültig.",
  "refresh.again.tuwunel":
    "Es gibt 15 s lang ein neues Access-Token mit demselben Refresh-Token; danach wird das Gerät gelöscht.",
  "refresh.again.continuwuity": "Es wird sofort abgelehnt, und die Sitzung ist verloren.",

  "revoke.title": "Widerruf",
  "revoke.text":
    "Damit endet die Anmeldung. Das Programm widerruft das Refresh-Token (mit token_type_hint) und fragt dann den Homeserver, ob er das Access-Token noch annimmt.",
  "revoke.which": "Welches Token",
  "revoke.which.help": "Wird das Refresh-Token widerrufen, endet die ganze Anmeldung.",
  "revoke.button": "Widerrufen",
  "revoke.done": "Widerrufen.",
  "revoke.unreachable": "Der Endpunkt für den Widerruf ist nicht erreichbar.",
  "revoke.alive": "Gehen Sie davon aus, dass das Token noch gilt.",
  "revoke.soft":
    "Die Antwort sagt soft_logout: {value}. Nach einem Widerruf entscheidet das nichts: Die Anmeldung ist zu Ende.",
  "revoke.cached": "Der Homeserver nimmt das Token noch an; er darf es zwei Minuten lang zwischengespeichert haben.",

  "keep.title": "Diese Anmeldung behalten",
  "keep.text":
    "Statt die Anmeldung zu widerrufen, übergeben Sie sie dem Broker, von dem diese Seite kommt. Er benutzt das Refresh-Token sofort, sodass nur er ein gültiges hat, und hält die Anmeldung aktuell.",
  "keep.name": "Name",
  "keep.name.help": "Der Name des Credentials und eines Server-Eintrags für diesen Homeserver und diesen Client.",
  "keep.token": "Token des Betreibers",
  "keep.token.help": "Es wird nur an diesen Broker gesendet.",
  "keep.button": "Anmeldung behalten",
  "keep.no_answer":
    "Der Broker hat nicht geantwortet. Prüfen Sie, bevor Sie es noch einmal versuchen, ob er die Anmeldung schon hat: Ein Refresh-Token kann nur einmal benutzt werden.",
  "keep.bad_name": "Geben Sie einen Namen aus Buchstaben, Ziffern, Punkten und Bindestrichen an.",
  "keep.exists": "Einen Server namens „{name}“ gibt es schon: Geben Sie einen anderen Namen an.",
  "keep.status": "Der Broker hat mit Status {status} geantwortet.",
  "keep.done": "Der Broker hat die Anmeldung jetzt als {path}. Diese Seite hat ihre Kopie gelöscht.",

  "link.title": "Code-Flow",
  "link.text":
    "Statt eines Benutzercodes dient hier ein Link im Browser der Person. state und PKCE binden die Antwort an diesen Durchlauf, und das Programm tauscht den zurückgegebenen Code gegen Tokens.",
  "link.redirect": "Eine registrierte Redirect-URI; bei einer Loopback-Adresse ist jeder Port erlaubt.",
  "link.prompt.none": "nicht senden",
  "link.prompt.help": "create führt zu einer Seite für ein neues Konto.",
  "link.prompt.absent": "Dieser Server kündigt create nicht an, darum steht es nicht zur Wahl.",
  "link.button": "Link erzeugen",
  "link.parts": "Die Teile des Links",
  "link.show": "{name} anzeigen",
  "link.address": "Die Adresse in der Adresszeile Ihres Browsers",
  "link.address.help":
    "Unter dieser Adresse antwortet niemand, darum lädt die Seite nicht; die Adresse enthält aber die Antwort.",
  "link.callback": "Teile des Callbacks",
  "link.code": "ein Code, verdeckt",
  "link.matches": "stimmt überein",
  "link.differs": "stimmt nicht überein",
  "link.exchange": "Code eintauschen",
  "link.challenge": "Challenge: {challenge}",
  "link.paste": "Fügen Sie die vollständige Callback-Adresse dieses Durchlaufs ein.",
  "link.then":
    "Fügen Sie danach hier die Adresse aus der Adresszeile des Browsers ein, auch wenn die Seite nicht lädt:",
  "link.state": "state stimmt überein.",
  "link.done": "Der Code wurde gegen Tokens getauscht.",
};
