import { type Static, Type } from "typebox";
import { bool, integer, pairs, seconds, secretText, slice, text } from "./field.ts";

/** Tokens (vault-http.md section 5). */
export const TokenCreateParameters = Type.Object({
  policies: slice("Names of policies; none = the caller's own"),
  no_default_policy: bool("Leave the policy `default` out", false),
  no_parent: bool("It outlives the caller's token; wants sudo", false),
  display_name: text("What it is called in logs, behind `token-`"),
  meta: pairs("Texts that are shown with it; nothing secret"),
  ttl: seconds("Its life; 0 = as long as may be", 0),
  explicit_max_ttl: seconds("Its life with all renewals; 0 = no limit but the system's", 0),
  period: seconds("Each renewal gives as much, for ever; wants sudo", 0),
  num_uses: integer("Requests that it is good for; 0 = any number", 0),
  renewable: bool("It may be renewed", true),
  type: text("`service`, or nothing: there is no other type"),
  id: text("Not supported: tokens are made by the broker, at random"),
  entity_alias: text("Not supported"),
});
export type TokenCreateParameters = Static<typeof TokenCreateParameters>;

export const TokenParameters = Type.Object({ token: secretText("The token") });
export type TokenParameters = Static<typeof TokenParameters>;

export const AccessorParameters = Type.Object({ accessor: text("The accessor of the token") });
export type AccessorParameters = Static<typeof AccessorParameters>;

export const WrapLookupData = Type.Object({
  creation_ttl: Type.Integer(),
  creation_time: Type.String({ format: "date-time" }),
  creation_path: Type.String(),
});

const increment = seconds("How long it is to last from now on; 0 = as usual", 0);

export const RenewSelfParameters = Type.Object({ increment });
export const RenewParameters = Type.Object({ token: secretText("The token"), increment });
export const RenewAccessorParameters = Type.Object({ accessor: text("The accessor of the token"), increment });
