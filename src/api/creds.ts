import { type Static, Type } from "typebox";
import { commaList, pairs, seconds, secretText, text } from "./field.ts";

/** oauthapp.md 5.1: a write replaces the credential. */
export const CredsParameters = Type.Object({
  server: text("Server; empty = the default server"),
  grant_type: text(
    "authorization_code, refresh_token or urn:ietf:params:oauth:grant-type:device_code; empty = inferred from the other fields",
  ),
  code: secretText("Authorization code"),
  redirect_url: text("Redirect URI that the code was issued for"),
  state: text("State of a link created here; selects its verifier, redirect URI and issuer"),
  code_verifier: secretText("The caller's own PKCE verifier, of a code or a device code"),
  iss: text("Issuer that came with the code (RFC 9207)"),
  refresh_token: secretText("Refresh token; it is used immediately"),
  device_code: secretText("Device code of a flow that the caller started"),
  scopes: commaList("Scopes to request in a device flow"),
  interval: seconds("Polling interval of the caller's own device code", 5),
  expires_in: seconds("Lifetime of the caller's own device code", 1_800),
  maximum_expiry_seconds: seconds("Maximum lifetime of every token; 0 = no limit", 0),
  provider_options: pairs("Provider options; stored and returned", true),
});
export type CredsParameters = Static<typeof CredsParameters>;
