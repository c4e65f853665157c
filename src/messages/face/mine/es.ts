import type { Translation } from "../../message.ts";
import type { en } from "./en.ts";

export const es: Translation<typeof en> = {
  "mine.title": "Mis inicios de sesión",
  "mine.lead":
    "Programas que usan su cuenta por medio de este broker: cuáles, desde cuándo y desde dónde. Termine lo que no conozca.",
  "mine.waiting": "Espera a que decida",
  "mine.waiting.text":
    "Permita solo lo que haya iniciado usted mismo. Quien le envía un código o un enlace quiere usar su cuenta.",
  "mine.waiting.caption": "Inicios de sesión de programas que nadie ha aprobado aún",
  "mine.decide": "Su decisión",
  "mine.decide.link": "Ver, y permitir o denegar",
  "mine.deny": "Terminarlo",
  "mine.held": "Permitidos",
  "mine.caption": "Programas con un inicio de sesión suyo, o empezados por usted",
  "mine.none": "Ningún programa tiene un inicio de sesión suyo que se pueda mostrar aquí.",
  "mine.more": "Hay más sesiones por mirar, y algunas pueden ser suyas: pase a la página siguiente.",
  "mine.code.title": "¿Un programa le muestra un código?",
  "mine.code.text": "Entonces le espera a usted, sea cual sea la identidad con la que ha entrado aquí.",
  "mine.code.link": "Introducir el código",
};
