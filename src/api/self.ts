import { type Static, Type } from "typebox";
import { commaList, pairs, seconds, text } from "./field.ts";

/** Client credentials (oauthapp.md section 6). */
export const SelfParameters = Type.Object({
  server: text("Server; empty = the default server"),
  scopes: commaList("Scopes to request"),
  token_url_params: pairs("Additional parameters of the token request"),
  maximum_expiry_seconds: seconds("Maximum lifetime of every token; 0 = no limit", 0),
  provider_options: pairs("Provider options; stored and returned", true),
});
export type SelfParameters = Static<typeof SelfParameters>;
