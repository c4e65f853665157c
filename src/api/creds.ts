import { type Static, Type } from "typebox";
import { commaList, pairs, seconds, secretText, text } from "./field.ts";

/** oauthapp.md 5.1: a write replaces the credential. */
export const CredsParameters = Type.Object({
  server: text("Server; empty = the default server"),
  grant_type: text(
    "authorization_code, refresh_token or urn:ietf:params:oauth:grant-type:device_code; empty = by the other fields",
  ),
  code: secretText("Authorization code"),
  redirect_url: text("Redirect URI the code was made for"),
  state: text("State of a link made here: finds verifier, redirect URI and issuer"),
  code_verifier: secretText("The caller's own PKCE verifier"),
  iss: text("Issuer that came with the code (RFC 9207)"),
  refresh_token: secretText("Refresh token, used at once"),
  device_code: secretText("Device code of a flow the caller started"),
  scopes: commaList("Scopes to ask for in a device flow"),
  interval: seconds("Polling interval of the caller's own device code", 5),
  expires_in: seconds("Life of the caller's own device code", 1_800),
  maximum_expiry_seconds: seconds("Cap of every token's life; 0 = none", 0),
  provider_options: pairs("Options of the provider, stored and returned", true),
});
export type CredsParameters = Static<typeof CredsParameters>;
