import type { Translation } from "../../message.ts";
import type { en } from "./en.ts";

export const es: Translation<typeof en> = {
  "nav.home": "Resumen",
  "nav.access": "Acceso",
  "nav.mounts": "Puntos de montaje",
  "nav.sessions": "Sesiones",
  "nav.mine": "Mis inicios de sesión",
  "nav.servers": "Servidores",
  "nav.credentials": "Credenciales",
  "credentials.name": "Nombre",
  "credentials.state": "Estado",
  "credentials.server": "Servidor",
  "state.good": "Bien",
  "state.pending": "Espera a una persona",
  "state.retried": "Con problemas; se reintenta solo",
  "state.operator": "Debe actuar un operador",
  "state.person": "Una persona debe iniciar sesión de nuevo",
  "state.failed": "Terminada",
  "state.failed-operator": "Terminada; debe actuar un operador",
  "state.unknown": "No se puede abrir",
  "pending.left": "quedan {left}",
  "filter.counts": "Cuántas en cada estado",
  "filter.lost":
    "Lo que se buscaba se introdujo en otro inicio de sesión y ya no se puede leer: introdúzcalo de nuevo.",
};
