import { HandOverData, HandOverParameters } from "../../api/index.ts";
import { describe } from "../answer/describe.ts";
import { sendData } from "../answer/envelope.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { requireRoot } from "../gate/guard.ts";
import { refuseOthers, WRITE } from "../gate/methods.ts";
import { scoped } from "../gate/scoped.ts";

/** `sys/hand-over`: this broker leaves its data to one on another database; with the root token alone. */
export function handOver(app: VaultApp, deps: Deps): void {
  scoped(app, (scope) => {
    scope.addHook("onRequest", async (request) => requireRoot(request, deps));
    const url = "/v1/sys/hand-over";
    scope.route({
      method: WRITE,
      url,
      schema: describe({
        tag: "system",
        summary: "Leave the data to another database: send and write nothing more, answer reads",
        body: HandOverParameters,
        data: HandOverData,
      }),
      handler: async ({ body }, reply) => sendData(reply, { under_way: await deps.handOver.go(body.value.deployment) }),
    });
    refuseOthers(scope, url, ["PUT", "POST"]);
  });
}
