import { en as findings } from "./findings/en.ts";
import { en as page } from "./page/en.ts";
import { en as steps } from "./steps/en.ts";

/** The guided walk in English, the measure for all other languages. */
export const en = { ...page, ...steps, ...findings };
