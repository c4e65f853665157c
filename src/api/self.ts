import { type Static, Type } from "typebox";
import { commaList, pairs, seconds, text } from "./field.ts";

/** Client credentials (oauthapp.md section 6). */
export const SelfParameters = Type.Object({
  server: text("Server; empty = the default server"),
  scopes: commaList("Scopes to ask for"),
  token_url_params: pairs("Further parameters of the token request"),
  maximum_expiry_seconds: seconds("Cap of every token's life; 0 = none", 0),
  provider_options: pairs("Options of the provider, stored and returned", true),
});
export type SelfParameters = Static<typeof SelfParameters>;
