import { type Static, Type } from "typebox";
import { commaList, pairs, seconds, text } from "./field.ts";

/** oauthapp.md section 4. */
export const AuthCodeUrlParameters = Type.Object({
  server: text("Server; empty = the default server"),
  redirect_url: text("Redirect URI of the caller; not with name"),
  scopes: commaList("Scopes to ask for"),
  state: text("The caller's state; made up if not sent"),
  auth_url_params: pairs("Further query parameters"),
  provider_options: pairs("Options of the provider for this request", true),
  name: text("Credential to fill through the broker's own callback"),
  pkce: text("S256 or none; empty = S256 with name, else none"),
  code_challenge: text("The caller's own S256 challenge"),
  maximum_expiry_seconds: seconds("With name: cap of every token's life; 0 = none", 0),
});
export type AuthCodeUrlParameters = Static<typeof AuthCodeUrlParameters>;

export const AuthCodeUrlData = Type.Object({
  url: Type.String(),
  state: Type.Optional(Type.String({ description: "Only if the caller sent none" })),
  expire_time: Type.Optional(Type.String({ format: "date-time" })),
});
export type AuthCodeUrlData = Static<typeof AuthCodeUrlData>;
