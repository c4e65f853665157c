import { InitData } from "../../api/index.ts";
import { sendJson } from "../answer/answer.ts";
import { describe, NoParameters } from "../answer/describe.ts";
import type { Deps, VaultApp } from "../app-types.ts";

/** `sys/init`: whether there is a deployment; it is never initialised over HTTP. */
export function init(app: VaultApp, deps: Deps): void {
  const url = "/v1/sys/init";
  app.get(url, {
    schema: describe({ form: "status", summary: "Initialisation", querystring: NoParameters, data: InitData }),
    handler: async (_request, reply) => {
      const { initialized } = await deps.health();
      return sendJson(reply, 200, { initialized } satisfies InitData);
    },
  });
}
