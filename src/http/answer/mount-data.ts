import type { MountData } from "../../api/index.ts";
import { VAULT_VERSION } from "./vault-version.ts";

/** Of whatever is built in. */
export const BUILT_IN_VERSION = `v${VAULT_VERSION}+builtin.coatcheck`;

interface Mounted {
  readonly type: string;
  readonly accessor: string;
  readonly uuid: string;
  readonly description?: string;
  /** Seconds; 0 = the system's. */
  readonly defaultTtl?: number;
  readonly maxTtl?: number;
  readonly options?: MountData["options"];
}

/** A mount in Vault's form (vault-http.md section 4). */
export function mountData(mounted: Mounted): MountData {
  const { type, accessor, uuid, description = "", defaultTtl = 0, maxTtl = 0, options = null } = mounted;
  return {
    ...{ type, description, accessor },
    local: false,
    seal_wrap: false,
    external_entropy_access: false,
    options,
    plugin_version: "",
    running_plugin_version: BUILT_IN_VERSION,
    running_sha256: "",
    uuid,
    config: { default_lease_ttl: defaultTtl, max_lease_ttl: maxTtl, force_no_cache: false },
  };
}
