import type { Translation } from "../../message.ts";
import type { en } from "./en.ts";

export const es: Translation<typeof en> = {
  skip: "Saltar al contenido",
  navigation: "Páginas",
  "sign-out": "Cerrar sesión",
  "sign-in.title": "Iniciar sesión",
  "sign-in.lead":
    "Con el token de un operador, o cualquier otro token de este broker. Verá y hará lo que permitan sus políticas.",
  "sign-in.token": "Token",
  "sign-in.help":
    "Se envía una vez y no se guarda en este navegador: lo sustituye un token propio, que termina a las 8 horas, con el suyo, o cuando cierre la sesión.",
  "sign-in.submit": "Iniciar sesión",
  "sign-in.empty": "Introduzca un token.",
  "sign-in.wrong": "Este token es desconocido o ha terminado. Compruebe que lo ha copiado entero.",
  "sign-in.stale":
    "Esta página ha estado abierta demasiado tiempo o se abrió en otro navegador. Introduzca el token de nuevo.",
  "sign-in.ended":
    "Su sesión está cerrada: su token ha terminado o fue revocado. Inicie sesión de nuevo para seguir donde estaba.",
  "sign-in.undone":
    "No se ha hecho nada, pues aquí ya no hay nadie con la sesión iniciada. Inicie sesión de nuevo; volverá al formulario y podrá repetirlo.",
  "sign-in.two":
    "Este navegador tiene aquí dos sesiones. Nosotros solo ponemos una, así que otro host de este dominio puede haber puesto la otra, y no se usa ninguna. Borre las cookies de este dominio e inicie sesión de nuevo.",
  "sign-in.by": "Iniciar sesión con {name}",
  "sign-in.no-oidc":
    "Aún nadie puede entrar así: su rol por defecto debe ser de personas con callback_mode client y permitir la dirección de vuelta {uri}, igual que el proveedor.",
  "sign-in.done": "Ha iniciado sesión",
  "sign-in.go-on": "Seguir",
  "signed-out.title": "Ha cerrado la sesión",
  "signed-out.text": "El token de este navegador ha sido revocado.",
  "signed-out.again": "Iniciar sesión de nuevo",
  "home.policies": "Políticas",
  "home.accessor": "Referencia del token de este navegador",
  "home.ends": "Con la sesión iniciada hasta",
  "home.unknown": "Su token no puede consultarse a sí mismo, así que aquí no se puede decir nada de él.",
  "home.nothing": "Su token no puede ver nada en las otras páginas. Un operador puede darle una política.",
  "home.sessions-end":
    "Al cerrar la sesión solo termina el token de este navegador; el token con el que entró queda como está.",
  "error.title": "Esto no ha funcionado",
  "error.denied.title": "Su token no lo permite",
  "error.denied":
    "El broker lo ha rechazado: {text}. Una política decide lo que cada token puede ver y hacer; un operador puede cambiarla o darle otro token.",
  "error.gone.title": "Aquí no hay nada",
  "error.gone": "No existe, o ya no.",
  "error.foreign":
    "Este formulario no se envió desde una página de este broker, así que no se ha hecho nada. Abra la página de nuevo y repítalo.",
  "error.stale":
    "Este formulario pertenece a otra sesión, así que no se ha hecho nada. Ocurre cuando ha iniciado sesión de nuevo en otra pestaña. Vuelva atrás, recargue la página y repítalo.",
  "error.away.title": "El broker no puede responder a esto ahora",
  "error.back": "Volver a {page}",
  "error.status": "Estado {status}",
  "bad-name":
    "Esto no puede ser un nombre: tiene como mucho 512 bytes y ningún carácter de control, y ningún tramo entre barras puede estar vacío, ser un punto o dos, ni acabar en dos puntos.",
  away: "El broker no responde. Lo que ve puede estar anticuado; esta página sigue preguntando por sí misma.",
  "time.at": "{relative} ({time})",
};
