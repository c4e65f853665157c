import { HandOverData, HandOverParameters } from "../../api/index.ts";
import { describe } from "../answer/describe.ts";
import { sendData } from "../answer/envelope.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { WRITE } from "../gate/methods.ts";

/** `sys/hand-over`: this broker leaves its data to one on another database; for `sudo` alone. */
export function handOver(app: VaultApp, deps: Deps): void {
  const url = "/v1/sys/hand-over";
  app.route({
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
}
