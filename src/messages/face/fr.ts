import { fr as common } from "./common/fr.ts";
import { fr as frame } from "./frame/fr.ts";
import { fr as mine } from "./mine/fr.ts";
import { fr as overview } from "./overview/fr.ts";
import { fr as sessions } from "./sessions/fr.ts";

export const fr = { ...common, ...frame, ...overview, ...sessions, ...mine };
