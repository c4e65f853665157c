import { type Static, Type } from "typebox";
import { commaList, pairs, seconds, text } from "./field.ts";

/** oauthapp.md section 4. */
export const AuthCodeUrlParameters = Type.Object({
  server: text("Server; empty = the default server"),
  redirect_url: text("Redirect URI of the caller; cannot be combined with name"),
  scopes: commaList("Scopes to request"),
  state: text("The caller's state; generated when omitted"),
  auth_url_params: pairs("Additional query parameters"),
  provider_options: pairs("Provider options for this request", true),
  name: text("Credential that the broker's own callback fills"),
  pkce: text("S256 or none; empty = S256 with name, else none"),
  code_challenge: text("The caller's own S256 challenge"),
  maximum_expiry_seconds: seconds("With name: maximum lifetime of every token; 0 = no limit", 0),
});
export type AuthCodeUrlParameters = Static<typeof AuthCodeUrlParameters>;

export const AuthCodeUrlData = Type.Object({
  url: Type.String(),
  state: Type.Optional(Type.String({ description: "Present when the caller sent none" })),
  expire_time: Type.Optional(Type.String({ format: "date-time" })),
});
export type AuthCodeUrlData = Static<typeof AuthCodeUrlData>;
