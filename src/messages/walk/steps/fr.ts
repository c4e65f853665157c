import type { Translation } from "../../message.ts";
import type { en } from "./en.ts";

/** The steps of the guided walk, in French. */
export const fr: Translation<typeof en> = {
  "discover.title": "Découverte",
  "discover.text":
    "Un identifiant d’utilisateur ou un nom de serveur mène au serveur d’accueil, et celui-ci indique son serveur d’autorisation. L’emplacement le plus récent est essayé en premier ; le suivant ne l’est que si le précédent n’existe pas.",
  "discover.input": "Identifiant d’utilisateur, nom ou adresse du serveur d’accueil",
  "discover.example": "@me:example.org, example.org ou https://matrix.example.org",
  "discover.button": "Trouver le serveur d’autorisation",
  "discover.older": "Serveurs plus anciens : d’abord l’émetteur, puis ses métadonnées OpenID",
  "discover.older.issuer": "URL qui indique l’émetteur",
  "discover.older.issuer.help":
    "Elle découle de l’adresse du serveur d’accueil. Pour un nom de serveur, c’est une supposition tant qu’il n’a pas été résolu, ce qui peut mener à une autre adresse.",
  "discover.older.configuration": "URL des métadonnées de l’émetteur",
  "discover.older.configuration.help":
    "Elle découle de l’émetteur ; tant que celui-ci est inconnu, c’est une supposition.",
  "discover.older.button": "Suivre l’ancienne voie",
  "discover.api": "API : {url}",
  "discover.server": "Serveur d’autorisation : {issuer} (échelon « {rung} »)",
  "discover.place": "{path} : {status} – {reason}",
  "discover.place.trouble": "{path} : {trouble} – {reason}",
  "discover.present": "il existe, donc il est utilisé",
  "discover.absent": "il n’existe pas, donc l’emplacement suivant est essayé",
  "discover.trouble":
    "échec ; l’emplacement suivant n’est pas essayé, car quiconque peut provoquer une erreur pourrait alors en imposer un plus ancien",
  "discover.again": "C’est peut-être passager : réessayez.",
  "discover.end": "Réessayer n’y changera rien : vérifiez le nom, ou donnez l’URL de base (https://…).",
  "discover.none":
    "Le nom est bon, mais il n’y a rien à parcourir ici : on se connecte à ce serveur d’accueil sans OAuth.",
  "discover.gone":
    "Synapse n’a plus d’auth_issuer depuis la version 1.157 (2026) : suivez la voie actuelle, qui trouve directement les métadonnées.",

  "simulator.choice": "Ou prenez un serveur d’accueil simulé qui se comporte comme :",
  "simulator.quirks": "Faire mal se comporter le serveur d’accueil simulé",
  "simulator.quirks.help":
    "Ce que vous cochez ici vaut dès la prochaine requête, pour tous les serveurs d’accueil simulés.",
  "simulator.failed": "Le serveur d’accueil simulé n’a pas accepté le changement.",
  "simulator.decide": "Ce serveur d’accueil est simulé : décidez à la place de son utilisateur.",
  "simulator.decision": "Décision de la personne",
  "simulator.allow": "Autoriser",
  "simulator.deny": "Refuser",
  "simulator.decided.allow": "Décision prise : autorisé.",
  "simulator.decided.deny": "Décision prise : refusé.",
  "simulator.refused": "La page du serveur a refusé ({status}).",
  "simulator.expire": "Faire expirer le jeton d’accès",
  "simulator.expired": "Le jeton d’accès a expiré. Redemandez à qui il est, puis rafraîchissez-le.",
  "simulator.log_out": "Déconnecter l’appareil côté serveur d’accueil",
  "simulator.logged_out": "L’appareil a été déconnecté. Redemandez à qui est le jeton, puis essayez de le rafraîchir.",
  "simulator.terminal":
    "Ce serveur d’accueil est simulé : décidez à la place de son utilisateur dans un navigateur, ou avec",
  "quirk.no_device_grant": "Les métadonnées ne proposent pas l’autorisation par appareil",
  "quirk.device_grant_refused": "L’autorisation par appareil est proposée, puis refusée",
  "quirk.no_complete_uri": "Aucune adresse qui contienne le code",
  "quirk.slow_down": "La première interrogation de chaque code reçoit slow_down",
  "quirk.expired_code": "Les codes expirent au bout de 10 secondes",
  "quirk.short_tokens": "Les jetons d’accès expirent au bout de 10 secondes",
  "quirk.lost_answer": "La réponse à la première utilisation de chaque jeton de rafraîchissement se perd en chemin",
  "quirk.strict_rotation": "Un jeton de rafraîchissement déjà utilisé est refusé aussitôt",
  "quirk.flipped_soft_logout": "soft_logout est l’inverse de ce que dit ce type de serveur",
  "quirk.account_locked": "Le compte est verrouillé",

  "check.title": "Métadonnées",
  "check.text":
    "Les métadonnées énumèrent les points d’accès et ce qu’ils prennent en charge. Cette étape n’envoie rien ; elle ne fait que vérifier.",
  "check.raw": "Le document tel qu’il a été envoyé",
  "check.command": "Les mêmes étapes dans un terminal :",
  "check.copy": "Copier",
  "check.button": "Vérifier les métadonnées",
  "check.no_device":
    "Le serveur ne propose pas l’autorisation par appareil : utilisez le flux par code d’autorisation.",
  "check.device": "Le serveur propose l’autorisation par appareil : {url}",

  "register.title": "Enregistrement",
  "register.text":
    "Le serveur d’autorisation ne connaît pas encore ce programme ; celui-ci s’enregistre donc et reçoit un identifiant de client. Il ne reçoit pas de secret, car n’importe qui pourrait le lire dans le programme.",
  "register.more": "Autres membres, en JSON",
  "register.more.help": "Tout autre membre de la RFC 7591, par exemple {example}.",
  "register.initial": "Jeton d’accès initial",
  "register.initial.help": "Seulement si le serveur en exige un.",
  "register.exact": "Corps exact",
  "register.button": "Enregistrer le client",
  "register.client": "Identifiant de client : {id}",
  "register.same": "Le serveur a tout enregistré comme demandé.",
  "register.missing": "{name} : demandé, mais absent de la réponse",
  "register.other": "{name} : demandé {requested}, enregistré {granted}",
  "register.client_name": "Le nom que la personne voit au moment d’approuver.",
  "register.client_uri":
    "Une page sous un vrai nom de domaine : un serveur refuse les adresses IP, un autre localhost et les simples suffixes.",
  "register.application_type":
    "Un programme sur la machine de la personne ; les redirections vers l’adresse de bouclage sont réservées aux clients natifs.",
  "register.redirect_uris":
    "Des adresses de bouclage sans port, car deux serveurs refusent un port ; n’importe quel port marche ensuite. Tuwunel exige des URI de redirection même pour une connexion par appareil.",
  "register.response_types": "Tuwunel l’exige même pour une connexion par appareil.",
  "register.grant_types":
    "authorization_code parce que Tuwunel l’exige ; refresh_token parce que, sans lui, matrix-authentication-service n’émet pas de jeton de rafraîchissement.",
  "register.token_endpoint_auth_method":
    "Doit dire none explicitement : sinon, matrix-authentication-service accepte l’enregistrement, puis refuse toutes les requêtes suivantes.",

  "device.title": "Demande d’appareil",
  "device.text":
    "Le programme demande un code. Le paramètre scope nomme l’API et un appareil, dont le programme choisit l’identifiant.",
  "device.id": "Identifiant d’appareil",
  "device.id.help":
    "Prenez un nouvel identifiant pour chaque connexion : avec un identifiant déjà utilisé, vous prendriez la place de cet appareil.",
  "device.random": "Nouvel identifiant aléatoire",
  "device.spelling": "Écriture des portées",
  "device.spelling.help": "Elle dépend de l’endroit où les métadonnées ont été trouvées.",
  "device.button": "Demander un code",
  "device.asked": "Identifiant d’appareil : {id}",
  "device.page": "Vérifiez la page avant de l’ouvrir : {problem}.",
  "device.device_code": "La moitié du code destinée au programme ; elle est secrète.",
  "device.user_code": "La moitié du code destinée à la personne ; elle n’est pas secrète.",
  "device.verification_uri": "L’adresse que la personne ouvre.",
  "device.verification_uri_complete":
    "La même adresse avec le code dedans, pour un code QR ; elle vient du serveur, le programme ne la construit jamais.",
  "device.expires_in": "Secondes avant que les deux moitiés expirent.",
  "device.interval": "Secondes entre deux interrogations ; 5 si l’indication manque.",

  "code.title": "Code utilisateur",
  "code.text": "Une personne ouvre l’adresse, sur n’importe quel appareil doté d’un navigateur, et saisit le code.",
  "code.copy": "Copier le code",
  "code.spelled": "Code utilisateur : {letters}",
  "code.hyphen": "tiret",
  "code.expires": "Expire dans {time}",
  "code.expired": "Le code a expiré.",
  "code.used": "Le code a été utilisé.",
  "code.at": "Sur {host} :",
  "code.own":
    "Ne saisissez qu’un code que vous avez demandé vous-même : approuver le code de quelqu’un d’autre lui ouvre votre compte.",
  "code.qr": "Code QR de {url}",
  "code.open": "Ouvrir :",
  "code.code": "Code :",
  "code.or": "Ou :",
  "code.lasts": "Il expire dans {seconds} s.",

  "token.title": "Demande de jeton",
  "token.text":
    "Pendant ce temps, le programme interroge le serveur, jamais plus souvent que l’intervalle ne le permet, jusqu’à ce que la personne ait décidé ou que le code ait expiré.",
  "token.automatic": "Interroger automatiquement",
  "token.stop": "Arrêter d’interroger",
  "token.once": "Interroger une fois",
  "token.timeline": "Interrogations jusqu’ici",
  "token.next": "Prochaine interrogation dans {seconds} s (intervalle {interval} s)",
  "token.due": "C’est l’heure de la prochaine interrogation (intervalle {interval} s)",
  "token.ended": "L’interrogation est terminée.",
  "token.poll": "après {seconds} s : {said}, intervalle {interval} s",
  "token.said": "{code} : {advice}",
  "token.approved": "La personne a approuvé.",

  "whoami.title": "Qui suis-je",
  "whoami.text":
    "Le serveur d’accueil dit à qui est ce jeton. Le compte et l’appareil sont comparés à ceux qui ont été demandés.",
  "whoami.button": "Demander à qui est le jeton",
  "whoami.account": "Compte : {account}",
  "whoami.device": "Appareil : {device}, comme demandé",
  "whoami.other_device": "Appareil : {device}, et non {requested} comme demandé ; n’utilisez pas une telle connexion",
  "whoami.no_device": "aucun",
  "whoami.scope": "Portée : accordée comme demandé",
  "whoami.lost": "Portée : non accordée : {scopes}",
  "whoami.more": "Portée : accordée sans avoir été demandée : {scope}",
  "whoami.refused": "Le serveur d’accueil refuse le jeton : {code}",
  "whoami.soft":
    "soft_logout: true. L’appareil existe toujours, et un client garde ses clés de chiffrement : rafraîchissez le jeton (étape 8) ou, en cas de refus, reconnectez-vous avec le même identifiant d’appareil.",
  "whoami.hard":
    "soft_logout: false. À prendre cela au mot, l’appareil et ses clés n’existent plus, et la personne se reconnecte en tant que nouvel appareil.",
  "whoami.no_soft": "La réponse ne contient pas soft_logout, ce qui veut dire false.",
  "whoami.soft.rule":
    "Ne décidez pas d’après soft_logout seul : Synapse avec matrix-authentication-service dit false même pour un jeton qui a simplement expiré ; Tuwunel et Continuwuity disent true. Rafraîchissez une fois ; la connexion n’est finie que si cela est refusé.",
  "whoami.manage": "Le compte se gère ici :",

  "refresh.title": "Rafraîchissement",
  "refresh.text":
    "Un jeton d’accès dure de quelques minutes à quelques jours. Le jeton de rafraîchissement obtient le suivant et est lui-même remplacé.",
  "refresh.button": "Rafraîchir",
  "refresh.lose": "Rafraîchir et perdre la réponse",
  "refresh.replay": "Renvoyer l’ancien jeton de rafraîchissement",
  "refresh.access": "Jeton d’accès : {old} → {new}",
  "refresh.access.same": "Jeton d’accès : {new}, inchangé",
  "refresh.refresh": "Jeton de rafraîchissement : {old} → {new}",
  "refresh.refresh.same": "Jeton de rafraîchissement : {new}, inchangé",
  "refresh.lost":
    "La réponse s’est perdue : il ne vous reste que l’ancien jeton de rafraîchissement. Renvoyez-le pour voir comment ce type de serveur réagit.",
  "refresh.once_more": "On ne sait pas si le serveur a remplacé le jeton : il est envoyé encore une fois.",
  "refresh.again": "Si l’ancien jeton de rafraîchissement est renvoyé, {server} {effect}",
  "refresh.again.mas":
    "l’accepte tant qu’aucun des nouveaux jetons n’a servi ; ensuite, il répond 400 invalid_grant et la session reste valable.",
  "refresh.again.tuwunel":
    "émet pendant 15 s un nouveau jeton d’accès avec le même jeton de rafraîchissement, et supprime l’appareil passé ce délai.",
  "refresh.again.continuwuity": "le refuse aussitôt, et la session est perdue.",

  "revoke.title": "Révocation",
  "revoke.text":
    "Elle met fin à la connexion. Le programme révoque le jeton de rafraîchissement (avec token_type_hint), puis demande au serveur d’accueil s’il accepte encore le jeton d’accès.",
  "revoke.which": "Quel jeton",
  "revoke.which.help": "Révoquer le jeton de rafraîchissement met fin à toute la connexion.",
  "revoke.button": "Révoquer",
  "revoke.done": "Révoqué.",
  "revoke.unreachable": "Le point d’accès de révocation est injoignable.",
  "revoke.alive": "Partez du principe que le jeton est encore valable.",
  "revoke.soft":
    "La réponse dit soft_logout: {value}. Après une révocation, cela ne décide de rien : la connexion est terminée.",
  "revoke.cached": "Le serveur d’accueil accepte encore le jeton ; il peut le garder en cache pendant deux minutes.",

  "keep.title": "Garder cette connexion",
  "keep.text":
    "Au lieu de révoquer la connexion, confiez-la au broker qui sert cette page. Il utilise aussitôt le jeton de rafraîchissement, si bien que lui seul en détient un valable, et il maintient la connexion à jour.",
  "keep.name": "Nom",
  "keep.name.help":
    "Le nom de l’identifiant stocké (credential) et d’une fiche de serveur pour ce serveur d’accueil et ce client.",
  "keep.token": "Jeton de l’opérateur",
  "keep.token.help": "Il n’est envoyé qu’à ce broker.",
  "keep.button": "Garder la connexion",
  "keep.no_answer":
    "Le broker n’a pas répondu. Avant de réessayer, vérifiez s’il a déjà la connexion : un jeton de rafraîchissement ne sert qu’une fois.",
  "keep.bad_name": "Donnez un nom fait de lettres, de chiffres, de points et de tirets.",
  "keep.exists": "Un serveur nommé « {name} » existe déjà : donnez un autre nom.",
  "keep.status": "Le broker a répondu avec le statut {status}.",
  "keep.done": "Le broker a maintenant la connexion sous {path}. Cette page a supprimé sa copie.",

  "link.title": "Flux par code d’autorisation",
  "link.text":
    "Au lieu d’un code utilisateur, ce flux passe par un lien dans le navigateur de la personne. state et PKCE lient la réponse à ce parcours, et le programme échange le code reçu contre des jetons.",
  "link.redirect": "Une URI de redirection enregistrée ; une adresse de bouclage peut avoir n’importe quel port.",
  "link.prompt.none": "ne pas l’envoyer",
  "link.prompt.help": "create mène à une page de création de compte.",
  "link.prompt.absent": "Ce serveur n’annonce pas create, il n’est donc pas proposé.",
  "link.button": "Créer le lien",
  "link.parts": "Les parties du lien",
  "link.show": "Afficher {name}",
  "link.address": "L’adresse dans la barre d’adresse de votre navigateur",
  "link.address.help":
    "Rien ne répond à cette adresse, la page ne se charge donc pas ; mais l’adresse contient la réponse.",
  "link.callback": "Parties du retour",
  "link.code": "un code, masqué",
  "link.matches": "correspond",
  "link.differs": "ne correspond pas",
  "link.exchange": "Échanger le code",
  "link.challenge": "Défi PKCE : {challenge}",
  "link.paste": "Collez l’adresse de retour complète de ce parcours.",
  "link.then":
    "Collez ensuite ici l’adresse affichée dans la barre d’adresse du navigateur, même si la page ne se charge pas :",
  "link.state": "state correspond.",
  "link.done": "Le code a été échangé contre des jetons.",
};
