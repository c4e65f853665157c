import { en as credentials } from "./credentials/en.ts";
import { en as frame } from "./frame/en.ts";

/** The dashboard in English, the measure for all other languages. */
export const en = { ...frame, ...credentials };
