import type { Translation } from "../../message.ts";
import type { en } from "./en.ts";

/** What the guided walk finds in answers, and advises, in French. */
export const fr: Translation<typeof en> = {
  "advice.authorization_pending": "Personne n’a encore décidé : interrogez de nouveau le serveur après l’intervalle.",
  "advice.slow_down": "Cette interrogation est venue trop tôt : l’intervalle est désormais plus long de 5 secondes.",
  "advice.access_denied": "La personne a refusé. Demandez un nouveau code si c’était une erreur.",
  "advice.expired_token": "Le code a expiré ; la page a peut-être affiché une erreur. Demandez un nouveau code.",
  "advice.invalid_grant":
    "Le serveur ne connaît pas ce code ou ce jeton, ou bien il a déjà servi. Recommencez à la demande d’appareil.",
  "advice.invalid_client": "Le serveur ne connaît pas ce client. Enregistrez-le de nouveau.",
  "advice.unauthorized_client":
    "Ce client n’a pas enregistré ce mode d’autorisation, ou a enregistré une autre méthode d’authentification. Vérifiez grant_types et token_endpoint_auth_method.",
  "advice.invalid_scope":
    "Le serveur n’accorde pas cette portée. L’identifiant d’appareil est peut-être déjà pris : essayez-en un autre.",
  "advice.invalid_client_metadata": "Corrigez l’enregistrement comme l’indique le message du serveur.",
  "advice.invalid_redirect_uri": "Corrigez redirect_uris comme l’indique le message du serveur.",
  "advice.M_UNKNOWN_TOKEN": "Le jeton d’accès n’est plus valable.",
  "advice.M_USER_LOCKED":
    "Le compte est verrouillé : rafraîchir n’y fait rien. L’administrateur du serveur peut le déverrouiller.",
  "advice.M_FORBIDDEN": "Le serveur exige un jeton d’accès initial, ou refuse l’hôte d’une URI de redirection.",
  "advice.unavailable": "Le serveur n’a rien décidé. Réessayez.",
  "advice.other": "C’est le texte du serveur lui-même, tel quel.",

  "told.string": "{name} doit être une chaîne",
  "told.list": "{name} doit être une liste de chaînes",
  "told.untranslated": "{name} ne peut pas être traduit : écrivez-le sans « # »",
  "told.language": "{name} : après « # », il faut une étiquette de langue telle que « fr »",
  "told.default": "{name} exige aussi {plain}, comme valeur par défaut pour les autres langues",
  "told.no_client_uri": "client_uri manque : donnez l’URL https d’une page qui décrit ce client",
  "told.https": "{name} doit être une URL https",
  "told.user": "{name} ne doit pas contenir d’identifiants",
  "told.fragment": "{name} ne doit pas avoir de fragment",
  "told.host": "{name} doit se trouver sur l’hôte de client_uri ({host}) ou sur un de ses sous-domaines",
  "told.real_domain":
    "{name} doit avoir un vrai nom de domaine, pas une adresse IP, ni localhost, ni un nom sans point",
  "told.domain": "{name} doit avoir un vrai nom de domaine",
  "told.absolute": "{name} doit être une URI absolue",
  "told.web": "{name} doit être en https, car application_type vaut web",
  "told.loopback": "{name} ne peut être en http que pour 127.0.0.1, [::1] ou localhost",
  "told.port": "{name} ne doit pas avoir de port : n’importe quel port sera permis ensuite",
  "told.scheme": "{name} doit avoir pour schéma l’hôte inversé de client_uri ({scheme}:/…)",
  "told.slash": "{name} doit avoir exactement une barre oblique après son schéma",
  "told.type": "application_type doit valoir « web » ou « native »",
  "told.redirect": "redirect_uris : authorization_code en exige au moins une",
  "told.code": "response_types : authorization_code exige « code »",
  "told.unknown": "{name} ne fait pas partie de la RFC 7591 ; il est envoyé tel quel",
  "told.path": "{name} : {uri} a l’un des caractères % + @ ; , : dans son chemin ; l’un des serveurs connus les refuse",
  "told.no_refresh":
    "grant_types sans refresh_token : les connexions se terminent à l’expiration de leur premier jeton",
  "told.no_code":
    "grant_types sans authorization_code : l’un des serveurs connus le refuse, même pour une connexion par appareil",
  "told.no_method":
    "token_endpoint_auth_method manque : l’un des serveurs connus refuse alors toutes les requêtes suivantes",
  "told.missing": "{name} manque",
  "told.no_way": "authorization_endpoint et device_authorization_endpoint manquent tous les deux",
  "told.endpoint": "{name} doit être une URL https sans identifiants ni fragment",
  "told.issuer": "issuer doit être une URL https sans requête ni fragment",
  "told.lack_code": "authorization_endpoint manque dans les métadonnées : la connexion par lien est impossible",
  "told.lack_revocation":
    "revocation_endpoint manque dans les métadonnées : une connexion supprimée reste valable sur le serveur",
  "told.lack_registration": "registration_endpoint manque dans les métadonnées : il faut donner un client_id",
  "told.lack_device":
    "device_authorization_endpoint manque dans les métadonnées : la connexion par code d’appareil est impossible, seule celle par lien l’est",
  "told.unlisted": "les métadonnées n’énumèrent pas {values} dans {name}",
  "told.rejected": "le serveur a rejeté la requête : {error}",
  "told.status": "le serveur d’autorisation a répondu avec le statut {status}",
  "told.ambiguous": "pas de réponse claire du serveur d’autorisation",
  "told.unavailable": "le serveur d’autorisation est injoignable",
  "told.account": "l’API du compte est injoignable",
  "told.account_status": "l’API du compte a répondu avec le statut {status}",
  "told.state": "state ne correspond pas",
  "told.neither": "la réponse ne contient ni code ni error",
  "told.place": "{place} est injoignable",
  "told.place_status": "{place} a répondu avec le statut {status}",
  "told.place_other": "{place} a répondu autre chose qu’un objet JSON",
  "told.place_absent": "{place} n’existe pas",
  "told.name": "{text} n’est ni le nom, ni un identifiant d’utilisateur, ni l’URL https d’un serveur d’accueil Matrix",
  "told.this_name": "ce n’est ni le nom, ni un identifiant d’utilisateur, ni l’URL https d’un serveur d’accueil Matrix",
  "told.no_homeserver": "{url} n’est pas un serveur d’accueil Matrix : {reason}",
  "told.advice": "{reason} ; si cela ne change pas, donnez l’URL de base (https://…) au lieu du nom",
  "told.older_login":
    "le serveur d’accueil Matrix {url} ne prend pas en charge OAuth, seulement l’ancienne API de connexion : {flows}",
  "told.page_host": "la page à ouvrir est sur {host}, qui n’est pas un des hôtes du serveur ({hosts})",
  "told.page_http": "la page à ouvrir n’est pas en https : {url}",
};
