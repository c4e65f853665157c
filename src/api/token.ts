import { type Static, Type } from "typebox";
import { bool } from "./field.ts";

/** A current access token (oauthapp.md 5.2). */
export const TokenData = Type.Object({
  server: Type.String(),
  access_token: Type.String(),
  type: Type.String(),
  expire_time: Type.Optional(Type.String({ format: "date-time" })),
  scopes: Type.Optional(Type.Array(Type.String())),
  extra_data: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  token_url_params: Type.Optional(Type.Record(Type.String(), Type.String())),
  maximum_expiry_seconds: Type.Optional(Type.Integer()),
  provider_options: Type.Optional(Type.Record(Type.String(), Type.String())),
});
export type TokenData = Static<typeof TokenData>;

export const DeleteParameters = Type.Object({ revoke: bool("Revoke the grant at the provider", true) });
export type DeleteParameters = Static<typeof DeleteParameters>;
