import { Type } from "typebox";
import { secretText, text } from "../field.ts";

/** Logins of people (vault-http.md section 8). */
export const OidcBeginParameters = Type.Object({
  role: text("The role; none = the default one"),
  redirect_uri: text("Where the provider sends the browser to; one that the role allows"),
  client_nonce: text("What only whoever begins it knows"),
});

export const OidcPollParameters = Type.Object({
  state: secretText("Of the login"),
  client_nonce: text("As it was begun with"),
});

export const OidcConfirmParameters = Type.Object({
  state: secretText("Of the login"),
  confirm: secretText("What the page knows"),
  decision: text("`allow`; anything else is no"),
});
