import type { Translation } from "../../message.ts";
import type { en } from "./en.ts";

export const es: Translation<typeof en> = {
  "error.title": "Esto no ha funcionado",
  "error.nowhere.title": "Aquí no hay nada",
  "error.nowhere.text":
    "Puede que la dirección esté mal escrita o que el enlace sea antiguo. Si un programa le ha enviado aquí, pídale un enlace nuevo.",
  "error.programs.title": "Esta dirección es para programas",
  "error.programs.text": "Solo responde a solicitudes con un token, que un navegador no envía.",
  "error.start": "Página de inicio",
  "error.code": "Introducir un código",
  "error.status": "Estado {status}",
};
