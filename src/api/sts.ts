import { type Static, Type } from "typebox";
import { commaList, seconds } from "./field.ts";

/** Token exchange, RFC 8693 (oauthapp.md section 7). */
export const StsParameters = Type.Object({
  scopes: commaList("Scopes, separated by commas or spaces"),
  audiences: commaList("Audiences, separated by commas"),
  audience: commaList("Alias of audiences"),
  resources: commaList("Absolute URIs, separated by commas"),
  resource: commaList("Alias of resources"),
  minimum_seconds: seconds("Minimum remaining lifetime of the token in seconds", 0),
});
export type StsParameters = Static<typeof StsParameters>;

export const StsData = Type.Object({
  access_token: Type.String(),
  type: Type.String(),
  expire_time: Type.Optional(Type.String({ format: "date-time" })),
  scopes: Type.Optional(Type.Array(Type.String())),
  issued_token_type: Type.Optional(Type.String()),
});
export type StsData = Static<typeof StsData>;
