import { de as findings } from "./findings/de.ts";
import { de as page } from "./page/de.ts";
import { de as steps } from "./steps/de.ts";

/** The guided walk in German. */
export const de = { ...page, ...steps, ...findings };
