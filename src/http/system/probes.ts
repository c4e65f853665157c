import { sendJson } from "../answer/answer.ts";
import type { Deps, VaultApp } from "../app-types.ts";

/** As Kubernetes asks: whether the process is to be started again, and whether requests should come here. */
export function probes(app: VaultApp, deps: Deps): void {
  app.get("/livez", {
    schema: { hide: true },
    handler: async (_request, reply) => sendJson(reply, 200, { live: true }),
  });
  app.get("/readyz", {
    schema: { hide: true },
    handler: async (_request, reply) => {
      const { storeDown, auditBlocked } = await deps.health();
      const ready = !storeDown && auditBlocked === undefined;
      return sendJson(reply, ready ? 200 : 503, { ready });
    },
  });
}
