import { HealthData, HealthParameters } from "../../api/index.ts";
import { sendJson } from "../answer/answer.ts";
import { describe } from "../answer/describe.ts";
import { badRequest } from "../answer/http-error.ts";
import { CLUSTER_NAME, VAULT_VERSION } from "../answer/vault-version.ts";
import type { Deps, Health, VaultApp } from "../app-types.ts";

/** `sys/health`: 200 active, 429 a restored copy, 501 not initialised, 503 sealed, the store down, or the audit log blocked; each can be overridden. */
export function health(app: VaultApp, deps: Deps): void {
  const url = "/v1/sys/health";
  app.route({
    method: ["GET", "HEAD"],
    url,
    schema: describe({
      form: "status",
      summary: "Health",
      querystring: HealthParameters,
      data: HealthData,
      statuses: [200, 429, 501, 503, "default"],
    }),
    handler: async (request, reply) => {
      const state = await deps.health();
      return sendJson(reply, statusOf(state, request.query.value), healthData(deps, state));
    },
  });
}

function statusOf(state: Health, codes: Required<HealthParameters>): number {
  const code = !state.initialized
    ? codes.uninitcode
    : state.sealed || state.storeDown || state.auditBlocked !== undefined
      ? codes.sealedcode
      : state.copy
        ? codes.standbycode
        : codes.activecode;
  // 1xx is no answer, and Node refuses what is no status at all.
  if (code < 200 || code > 599) throw badRequest("health status codes must be between 200 and 599");
  return code;
}

function healthData({ clock, clusterId }: Deps, state: Health): HealthData {
  return {
    initialized: state.initialized,
    sealed: state.sealed,
    standby: state.copy,
    performance_standby: false,
    replication_performance_mode: "disabled",
    replication_dr_mode: "disabled",
    server_time_utc: Math.floor(clock.now() / 1000),
    version: VAULT_VERSION,
    cluster_name: CLUSTER_NAME,
    cluster_id: clusterId,
    ...(state.auditBlocked !== undefined && { audit_blocked: state.auditBlocked }),
  };
}
