import { type Static, Type } from "typebox";
import { commaList, seconds } from "./field.ts";

/** Token exchange, RFC 8693 (oauthapp.md section 7). */
export const StsParameters = Type.Object({
  scopes: commaList("Scopes, by comma or space"),
  audiences: commaList("Audiences, by comma"),
  audience: commaList("The same as audiences"),
  resources: commaList("Absolute URIs, by comma"),
  resource: commaList("The same as resources"),
  minimum_seconds: seconds("Seconds of life the token must have left", 0),
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
