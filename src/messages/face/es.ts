import { es as common } from "./common/es.ts";
import { es as frame } from "./frame/es.ts";
import { es as mine } from "./mine/es.ts";
import { es as overview } from "./overview/es.ts";
import { es as sessions } from "./sessions/es.ts";

export const es = { ...common, ...frame, ...overview, ...sessions, ...mine };
