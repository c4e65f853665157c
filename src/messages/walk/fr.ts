import { fr as findings } from "./findings/fr.ts";
import { fr as page } from "./page/fr.ts";
import { fr as steps } from "./steps/fr.ts";

/** The guided walk in French. */
export const fr = { ...page, ...steps, ...findings };
