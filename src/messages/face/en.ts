import { en as access } from "./access/en.ts";
import { en as common } from "./common/en.ts";
import { en as credentials } from "./credentials/en.ts";
import { en as frame } from "./frame/en.ts";
import { en as mcp } from "./mcp/en.ts";
import { en as mine } from "./mine/en.ts";
import { en as overview } from "./overview/en.ts";
import { en as servers } from "./servers/en.ts";
import { en as sessions } from "./sessions/en.ts";

/** The dashboard in English, the measure for all other languages. */
export const en = {
  ...common,
  ...frame,
  ...overview,
  ...credentials,
  ...sessions,
  ...servers,
  ...access,
  ...mine,
  ...mcp,
};
