import { createHmac } from "node:crypto";
import { cookieOf, cookiesOf } from "../input/cookie.ts";

/**
 * A signed-in browser's token is the value of one cookie, which no script reads, which goes to the dashboard alone, and with nothing
 * that another site's page sends. No other route looks at it.
 */
export function tokenInCookie(cookies: string | undefined, secure: boolean): string {
  const value = cookieOf(cookies, nameOf(secure)) ?? "";
  return /^[\w.-]{1,200}$/.test(value) ? value : "";
}

/** We set one. A second is from a host beside ours, which would have its visitor work in somebody else's name. */
export function hasSecond(cookies: string | undefined, secure: boolean): boolean {
  return cookiesOf(cookies, nameOf(secure)).length > 1;
}

/** Set-Cookie; it goes with the browser's session, and its token ends by itself. */
export function signedIn(token: string, secure: boolean): string {
  return cookie(token, secure);
}

export function signedOut(secure: boolean): string {
  return `${cookie("", secure)}; Max-Age=0`;
}

function cookie(value: string, secure: boolean): string {
  return `${nameOf(secure)}=${value}; Path=/ui; HttpOnly; SameSite=Strict${secure ? "; Secure" : ""}`;
}

/** `__Secure-`: set over TLS; `__Host-` would want all paths, and those of the API are not to get it. */
function nameOf(secure: boolean): string {
  return secure ? "__Secure-coatcheck_ui" : "coatcheck_ui";
}

/** In each form: proves that a page made it that was shown to the owner of this secret. Nothing has to be kept for it. */
export function formTokenOf(secret: string): string {
  return createHmac("sha256", secret).update("coatcheck form").digest("base64url");
}
