import { ja as common } from "./common/ja.ts";
import { ja as frame } from "./frame/ja.ts";
import { ja as mine } from "./mine/ja.ts";
import { ja as overview } from "./overview/ja.ts";
import { ja as sessions } from "./sessions/ja.ts";

export const ja = { ...common, ...frame, ...overview, ...sessions, ...mine };
