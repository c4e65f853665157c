import { Type } from "typebox";
import { bool, text, type VaultType } from "../field.ts";

function map(description: string) {
  const options = { description, default: {}, "x-vault-type": "Map" satisfies VaultType };
  return Type.Optional(Type.Record(Type.String(), Type.Unknown(), options));
}

/** Where methods of logging in are enabled (developer.hashicorp.com/vault/api-docs/system/auth). */
export const EnableAuthParameters = Type.Object({
  type: text("The method"),
  description: text("For people"),
  // Vault's command line puts what tunes a mount into one.
  config: map("`default_lease_ttl`, `max_lease_ttl`; anything else is taken and ignored"),
  local: bool("Taken and ignored", false),
  seal_wrap: bool("Taken and ignored: everything is sealed", false),
  external_entropy_access: bool("Taken and ignored", false),
  options: map("Taken and ignored"),
  plugin_name: text("Older name of `type`"),
});

/** Texts and numbers without a default: what is not sent stays as it was. */
export const TuneAuthParameters = Type.Object({
  description: Type.Optional(Type.String({ description: "For people", "x-vault-type": "String" satisfies VaultType })),
  default_lease_ttl: lease("Life of a token whose role says nothing; 0 = 32 days"),
  max_lease_ttl: lease("Life of a token with all renewals; 0 = 32 days"),
});

function lease(description: string) {
  return Type.Optional(Type.Integer({ description, "x-vault-type": "DurationSecond" satisfies VaultType }));
}
