import { type Static, Type } from "typebox";
import { bool, text, type VaultType } from "./field.ts";

function map(description: string) {
  const options = { description, default: {}, "x-vault-type": "Map" satisfies VaultType };
  return Type.Optional(Type.Record(Type.String(), Type.Unknown(), options));
}

function optional(description: string) {
  return Type.Optional(Type.String({ description, "x-vault-type": "String" satisfies VaultType }));
}

/** A mount that is enabled, or tuned: both are writes of one path and what is below it (developer.hashicorp.com/vault/api-docs/system/mounts). */
export const MountParameters = Type.Object({
  type: text("`oauthapp`; of one that is enabled"),
  plugin_name: text("Older name of `type`"),
  description: optional("For people"),
  // Vault's command line puts what tunes a mount into one.
  config: map("Of one that is enabled: `default_lease_ttl`, `max_lease_ttl`; anything else is taken and ignored"),
  default_lease_ttl: optional(
    "A duration, kept and shown: nothing is leased here; `system` takes it back, and an empty one is none",
  ),
  max_lease_ttl: optional(
    "A duration, kept and shown: nothing is leased here; `system` takes it back, and an empty one is none",
  ),
  local: bool("Taken and ignored", false),
  seal_wrap: bool("Taken and ignored: everything is sealed", false),
  external_entropy_access: bool("Taken and ignored", false),
  options: map("Taken and ignored"),
});

export type MountParameters = Static<typeof MountParameters>;

/** `sys/remount`. */
export const RemountParameters = Type.Object({
  from: text("The path of a mount"),
  to: text("The path that it gets"),
});

export const RemountData = Type.Object({
  migration_id: Type.String({ description: "By which the status of the move is read" }),
});

export const MigrationData = Type.Object({
  migration_id: Type.String(),
  migration_info: Type.Object({
    source_mount: Type.String(),
    target_mount: Type.String(),
    status: Type.String({ description: "Always `success`: a move is one write" }),
  }),
});
