import { type Static, Type } from "typebox";
import { commaList, secretText, text, type VaultType } from "../field.ts";

/** AppRole's role ids and secret ids (developer.hashicorp.com/vault/api-docs/auth/approle). */
export const RoleIdParameters = Type.Object({ role_id: text("The role id") });

/** A number without a default: not sent is as the role says. */
function number(description: string, type: VaultType) {
  return Type.Optional(Type.Integer({ description, "x-vault-type": type }));
}

export const MakeSecretIdParameters = Type.Object({
  secret_id: secretText("Of `custom-secret-id`: the secret id"),
  metadata: text("JSON of texts that are shown with its tokens; nothing secret"),
  cidr_list: commaList("Addresses from which it is taken; none = those of the role"),
  token_bound_cidrs: commaList("Addresses from which its tokens are taken; none = those of the role"),
  num_uses: number("Logins that it is good for; 0 = any number, if the role allows that", "Int"),
  ttl: number("Its life; 0 = for ever, if the role allows that", "DurationSecond"),
});

export const SecretIdNameParameters = Type.Object({
  secret_id: secretText("The secret id"),
  secret_id_accessor: text("Of `secret-id-accessor`: its accessor"),
});
export type SecretIdNameParameters = Static<typeof SecretIdNameParameters>;
