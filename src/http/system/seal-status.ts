import { SealStatusData } from "../../api/index.ts";
import { sendJson } from "../answer/answer.ts";
import { describe, NoParameters } from "../answer/describe.ts";
import { CLUSTER_NAME, VAULT_VERSION } from "../answer/vault-version.ts";
import type { Deps, VaultApp } from "../app-types.ts";

/** `sys/seal-status`: the `status` command, and where Terraform takes the version from. */
export function sealStatus(app: VaultApp, deps: Deps): void {
  const url = "/v1/sys/seal-status";
  app.get(url, {
    schema: describe({ form: "status", summary: "Seal status", querystring: NoParameters, data: SealStatusData }),
    handler: async (_request, reply) => {
      const { initialized, sealed } = await deps.health();
      const data: SealStatusData = {
        type: "shamir",
        initialized,
        sealed,
        t: 1,
        n: 1,
        progress: 0,
        nonce: "",
        version: VAULT_VERSION,
        build_date: "2026-01-01T00:00:00Z",
        migration: false,
        cluster_name: CLUSTER_NAME,
        cluster_id: deps.clusterId,
        recovery_seal: false,
        storage_type: deps.storageType,
      };
      return sendJson(reply, 200, data);
    },
  });
}
