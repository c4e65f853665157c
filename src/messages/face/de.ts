import { de as common } from "./common/de.ts";
import { de as frame } from "./frame/de.ts";
import { de as mine } from "./mine/de.ts";
import { de as overview } from "./overview/de.ts";
import { de as sessions } from "./sessions/de.ts";

export const de = { ...common, ...frame, ...overview, ...sessions, ...mine };
