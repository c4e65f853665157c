import { LeaderData } from "../../api/index.ts";
import { sendJson } from "../answer/answer.ts";
import { describe, NoParameters } from "../answer/describe.ts";
import type { VaultApp } from "../app-types.ts";

/** `sys/leader`: the `status` command asks always; there is no leader, every instance is active. */
export function leader(app: VaultApp): void {
  const url = "/v1/sys/leader";
  app.get(url, {
    schema: describe({ form: "status", summary: "Leader", querystring: NoParameters, data: LeaderData }),
    handler: async (_request, reply) => sendJson(reply, 200, { ha_enabled: false } satisfies LeaderData),
  });
}
